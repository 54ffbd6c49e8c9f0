import { type Core, findExamples } from '@signalbox/core';
import * as contract from '../contract/graph-queries.ts';
import type { Serve } from '../http/serve.ts';

export function graphQueryRoutes(
  serve: Serve,
  { knowledge, database, workspaces }: Pick<Core, 'knowledge' | 'database' | 'workspaces'>,
): void {
  const { queries } = knowledge;
  serve(contract.queryGraphRelationships, ({ body }, { projectId }) => queries.relationships(projectId, body));
  serve(contract.filterGraphRelationships, ({ body }, { projectId }) => queries.around(projectId, body));
  serve(contract.getGraphModuleChildren, ({ query }, { projectId }) => queries.children(projectId, query.path));
  serve(contract.getGraphModuleHistory, ({ body }, { projectId }) => queries.moduleHistory(projectId, body));
  serve(contract.getGraphImports, ({ query }, { projectId }) => queries.imports(projectId, query.id));
  serve(contract.getGraphDefinition, ({ query }, { projectId }) => queries.definition(projectId, query.id));
  serve(contract.getGraphEntitySessions, ({ body }, { projectId }) => queries.sessionsAffecting(projectId, body));
  serve(contract.getGraphSessionTimeline, ({ body }, { projectId }) => queries.sessionTimeline(projectId, body));
  serve(contract.getGraphSessionChanges, ({ body }, { projectId }) => queries.sessionChanges(projectId, body));
  serve(contract.getGraphSessionImpacts, ({ body }, { projectId }) => queries.sessionImpacts(projectId, body));
  serve(contract.analyseGraphDependencies, ({ body }, { projectId }) => queries.dependencies(projectId, body));
  serve(contract.findGraphExamples, ({ body }, { projectId }) =>
    findExamples({ database, knowledge, workspaces }, projectId, body),
  );
  serve(contract.getGraphPerformance, ({ query: { id, strict = false, ...raw } }, { projectId }) =>
    queries.performanceHistory(projectId, id, raw, { strict }),
  );
}
