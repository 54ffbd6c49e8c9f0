import type { EndedOperation, RollbackMonitor } from './monitoring/index.ts';
import type { RollbackOperation } from './operations/rollback-operation.ts';
import { ROLLBACK_EVENTS, type RollbackEvents } from './rollback-events.ts';

/** Has the monitor look when something has happened, beside its rounds (RB-215). Dry runs are none of its business. */
export function watchRollbacks(
  events: RollbackEvents,
  monitor: Pick<RollbackMonitor, 'pointCreated' | 'operationEnded' | 'cleanupCompleted'>,
  onError: (error: unknown) => void,
): void {
  events.on(ROLLBACK_EVENTS.pointCreated, ({ rollbackPoint }) => {
    monitor.pointCreated(rollbackPoint.projectId).catch(onError);
  });
  const ended = (operation: RollbackOperation) => {
    if (operation.mutating) monitor.operationEnded(operation.projectId, toEnded(operation)).catch(onError);
  };
  events.on(ROLLBACK_EVENTS.completed, ({ operation }) => ended(operation));
  events.on(ROLLBACK_EVENTS.failed, ({ operation }) => ended(operation));
  events.on(ROLLBACK_EVENTS.cleanupCompleted, ({ projectIds }) => {
    for (const projectId of projectIds) monitor.cleanupCompleted(projectId).catch(onError);
  });
}

function toEnded({ id, status, error, startedAt, completedAt }: RollbackOperation): EndedOperation {
  const durationMs = completedAt === null ? 0 : Date.parse(completedAt) - Date.parse(startedAt);
  return { id, status: status as EndedOperation['status'], error: error?.message ?? null, durationMs };
}
