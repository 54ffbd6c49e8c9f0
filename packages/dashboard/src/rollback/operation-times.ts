import type { RollbackOperation } from '@signalbox/client';

/** Seconds from the request to the end; null while it is not over. */
export function tookSeconds({ startedAt, completedAt }: Pick<RollbackOperation, 'startedAt' | 'completedAt'>) {
  return completedAt === null ? null : (Date.parse(completedAt) - Date.parse(startedAt)) / 1000;
}
