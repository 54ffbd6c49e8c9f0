import { SignalboxError } from '../platform/errors/index.ts';
import type { EnqueueVerdict } from './enqueue-store.ts';
import type { EnqueueReceipt, TaskRow } from './enqueue-task.ts';

/** The receipt of one call. @throws its problem */
export function receiptOf(row: TaskRow, verdict: EnqueueVerdict | undefined): EnqueueReceipt {
  if (!verdict) throw new SignalboxError('REPOSITORY_ERROR', { reason: 'an enqueue answered too few tasks' });
  if ('receipt' in verdict) return verdict.receipt;
  throw new SignalboxError(verdict.problem, { key: row.key ?? row.uniqueKey, queue: row.queue });
}
