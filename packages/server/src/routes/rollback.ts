import { OPERATION_FIELDS, parseListQuery, type Rollback, SignalboxError, wireChange } from '@signalbox/core';
import * as contract from '../contract/rollback.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage, wholePage } from './numbered-page.ts';

export function rollbackRoutes(serve: Serve, rollback: Rollback): void {
  const { points, operations } = rollback;
  serve(contract.listRollbackPoints, ({ query }, { projectId }) =>
    numberedPage(query, (page, pageSize) =>
      points.list(projectId, page, pageSize, { sessionId: query.sessionId ?? null }),
    ),
  );
  serve(contract.createRollbackPoint, ({ body }, { projectId, actor }) => points.create(projectId, body, actor));
  serve(contract.getRollbackPoint, ({ params }, { projectId }) => points.existing(projectId, params.id));
  serve(contract.deleteRollbackPoint, async ({ params, version }, { projectId, actor }) => {
    if (!(await points.delete(projectId, params.id, actor, version))) {
      throw new SignalboxError('ROLLBACK_NOT_FOUND', { id: params.id });
    }
  });
  serve(contract.rollbackPointSnapshots, async ({ params }, { projectId }) =>
    wholePage(await points.snapshots(projectId, params.id)),
  );
  serve(contract.readRollbackPointFile, ({ params, query }, { projectId }) =>
    points.file(projectId, params.id, query.path),
  );
  serve(contract.recaptureRollbackPoint, ({ params }, { projectId, actor }) =>
    points.recapture(projectId, params.id, actor),
  );
  serve(contract.diffRollbackPoint, async ({ params }, { projectId }) => {
    const diff = await points.diff(projectId, params.id);
    return { ...diff, changes: diff.changes.map(wireChange) };
  });
  serve(contract.previewRollback, ({ params, body }, { projectId, actor }) =>
    operations.preview(projectId, params.id, body, actor),
  );
  serve(contract.startRollback, ({ params, body }, { projectId, actor }) =>
    operations.start(projectId, params.id, body, actor),
  );
  serve(contract.listRollbackOperations, ({ query }, { projectId }) =>
    operations.list(projectId, parseListQuery(OPERATION_FIELDS, query)),
  );
  serve(contract.getRollbackOperation, ({ params }, { projectId }) => operations.existing(projectId, params.id));
  serve(contract.cancelRollback, ({ params }, { projectId, actor }) => operations.cancel(projectId, params.id, actor));
  serve(contract.undoRollback, ({ params, body }, { projectId, actor }) =>
    operations.undo(projectId, params.id, body, actor),
  );
  serve(contract.rollbackMetrics, (_given, { projectId }) => rollback.metrics(projectId));
  serve(contract.sessionRollbackHistory, ({ params }, { projectId }) => rollback.sessionHistory(projectId, params.id));
}
