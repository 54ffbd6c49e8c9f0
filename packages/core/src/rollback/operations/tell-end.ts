import { recordAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/database/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import { countEnd } from './rollback-metrics-store.ts';
import type { RollbackOperation } from './rollback-operation.ts';

/** What is recorded of an operation that has just ended, in the transaction that ends it. */
export async function tellEnd(tx: Transaction, operation: RollbackOperation, actor: string): Promise<void> {
  const { id, projectId, status, strategy, mutating, error, result, targetRollbackPointId } = operation;
  await countEnd(tx, operation);
  const verb = { completed: 'complete', failed: 'fail', cancelled: 'cancelled' }[
    status as 'completed' | 'failed' | 'cancelled'
  ];
  const done = result && {
    applied: result.appliedChanges,
    skipped: result.skipped.length,
    errors: result.errors.length,
    conflicts: result.conflicts,
  };
  await recordAudit(tx, projectId, {
    actor,
    action: `rollback.${verb}`,
    subjectType: 'rollback',
    subjectId: id,
    details: {
      rollbackPointId: targetRollbackPointId,
      strategy,
      mutating,
      severity: status === 'failed' ? 'error' : 'info',
      error: error?.message ?? null,
      ...done,
    },
  });
  await recordFeed(tx, projectId, 'rollback', {
    event: `rollback-${status}`,
    operationId: id,
    rollbackPointId: targetRollbackPointId,
  });
}
