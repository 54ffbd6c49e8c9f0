import { COMMIT_FIELDS, parseListQuery, roleAllows, type SourceControl } from '@signalbox/core';
import * as contract from '../contract/source-control.ts';
import type { Serve } from '../http/serve.ts';

export function sourceControlRoutes(serve: Serve, source: SourceControl): void {
  serve(contract.getSourceStatus, ({ params }, { projectId }) => source.status(projectId, params.id));
  serve(contract.listSourceBranches, async ({ params }, { projectId }) => ({
    branches: await source.branches(projectId, params.id),
  }));
  serve(contract.readSourceLog, async ({ params, query }, { projectId }) => ({
    entries: await source.log(projectId, params.id, query),
  }));
  serve(contract.createCommit, ({ params, body }, { projectId, actor, principal }) =>
    source.commit(projectId, params.id, body, { actor, mayPublish: roleAllows(principal.role, 'operator') }),
  );
  serve(contract.pushBranch, ({ params, body }, { projectId, actor }) =>
    source.push(projectId, params.id, body, actor),
  );
  serve(contract.listCommits, ({ query }, { projectId }) =>
    source.list(projectId, parseListQuery(COMMIT_FIELDS, query)),
  );
  serve(contract.getCommit, ({ params }, { projectId }) => source.get(projectId, params.id));
  serve(contract.publishCommit, ({ params }, { projectId, actor }) => source.publish(projectId, params.id, actor));
}
