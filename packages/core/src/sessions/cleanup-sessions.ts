import { z } from 'zod';
import { parseInput } from '../platform/errors/index.ts';
import { deletionOf } from './delete-session.ts';
import type { SessionScope } from './session-parts.ts';
import { lockSessions } from './session-store.ts';
import { countOldSessions, takeOldSessions } from './session-upkeep-store.ts';
import { carryOut } from './session-write.ts';

export const cleanupSchema = z.strictObject({
  olderThanDays: z.number().nonnegative().max(36_500).default(30),
  batchSize: z.int().min(1).max(5000).default(1000),
});
export type Cleanup = z.input<typeof cleanupSchema>;

/** How far a cleanup has come. */
export interface CleanupFigures {
  /** Sessions that were old enough when it began. */
  totalSessions: number;
  sessionsCleaned: number;
  batchesProcessed: number;
  /** Batches that failed; the cleanup ends with the first. */
  errors: number;
  /** What ended it early; null when nothing did. */
  lastError: string | null;
}

export interface CleanupOptions {
  /** Told after each batch. */
  onProgress?: (figures: CleanupFigures) => void;
  /** Ends the cleanup after the batch under way. */
  signal?: AbortSignal;
}

export function cleanupVerbs(scope: SessionScope) {
  return {
    /**
     * ORC-147: soft-deletes finished sessions created longer ago than that, oldest first, one transaction per batch.
     * Several may run at once (ORC-148). A batch that fails ends it; what was done before is answered all the same.
     */
    async cleanup(
      projectId: string,
      input: Cleanup,
      actor: string,
      { onProgress, signal }: CleanupOptions = {},
    ): Promise<CleanupFigures> {
      const { olderThanDays, batchSize } = parseInput(cleanupSchema, input);
      const totalSessions = await countOldSessions(scope.read, projectId, olderThanDays);
      const figures: CleanupFigures = {
        totalSessions,
        sessionsCleaned: 0,
        batchesProcessed: 0,
        errors: 0,
        lastError: null,
      };
      while (!signal?.aborted) {
        try {
          const cleaned = await cleanBatch(scope, projectId, olderThanDays, batchSize, actor);
          if (cleaned === 0) break;
          figures.sessionsCleaned += cleaned;
          figures.batchesProcessed += 1;
        } catch (error) {
          figures.errors += 1;
          figures.lastError = error instanceof Error ? error.message : String(error);
          break;
        }
        onProgress?.({ ...figures });
      }
      return figures;
    },
  };
}

async function cleanBatch(
  scope: SessionScope,
  projectId: string,
  olderThanDays: number,
  batchSize: number,
  actor: string,
): Promise<number> {
  return scope.write(async (tx) => {
    const ids = await takeOldSessions(tx, projectId, olderThanDays, batchSize);
    if (ids.length === 0) return 0;
    const held = await lockSessions(tx, projectId, ids);
    await carryOut(scope, tx, projectId, actor, [...held.values()].map(deletionOf));
    return held.size;
  });
}
