import { CONFLICT_FIELDS, type Conflicts, parseListQuery } from '@signalbox/core';
import * as contract from '../contract/conflicts.ts';
import type { Serve } from '../http/serve.ts';

export function conflictRoutes(serve: Serve, conflicts: Conflicts): void {
  serve(contract.listConflicts, ({ query }, { projectId }) =>
    conflicts.list(projectId, parseListQuery(CONFLICT_FIELDS, query)),
  );
  serve(contract.listSessionConflicts, ({ params, query }, { projectId }) =>
    conflicts.list(projectId, parseListQuery(CONFLICT_FIELDS, query), params.id),
  );
  serve(contract.getConflict, ({ params }, { projectId }) => conflicts.get(projectId, params.id));
  serve(contract.acknowledgeConflict, ({ params }, { projectId, actor }) =>
    conflicts.acknowledge(projectId, params.id, actor),
  );
}
