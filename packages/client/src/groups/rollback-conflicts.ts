import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type { DrawnRollbackConflict, DrawRollbackConflict, MergeResult, ResolveRollbackConflict } from '../types.ts';

/** What stands in the way of a rollback, worked out and shown; nothing is kept or changed. */
export function rollbackConflictMethods({ http }: Transport) {
  return {
    /** Both sides beside each other, with the ways out, best first. Secrets are hidden unless `masked` is false. */
    draw: (body: DrawRollbackConflict, options: CallOptions = {}): Promise<DrawnRollbackConflict> =>
      answerOf(http.POST('/api/v1/rollback/conflicts/visual-diff', { body, ...options })),
    /** What a way of resolving it comes to; `success` is false where it cannot be resolved so. */
    resolve: (body: ResolveRollbackConflict, options: CallOptions = {}): Promise<MergeResult> =>
      answerOf(http.POST('/api/v1/rollback/conflicts/resolve', { body, ...options })),
  };
}
