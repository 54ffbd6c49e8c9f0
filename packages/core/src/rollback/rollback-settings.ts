import { z } from 'zod';

const ms = z.int().positive().max(3_155_760_000_000);

/** How rollback behaves in this process (RB-229…232). Durations in milliseconds, sizes in bytes. */
export const rollbackSettingsSchema = z.strictObject({
  /** Points of a project at most; backups of operations are counted apart, by the same number. */
  maxPoints: z.int().min(1).max(100_000).default(50),
  /** Whether the least recently used one gives way; else a new one is refused (RB-160). */
  evict: z.boolean().default(true),
  /** Life of points that do not say; null: they never expire. */
  defaultTtl: ms.nullable().default(86_400_000),
  /** Size of one snapshot at most. */
  maxSnapshotSize: z.int().positive().max(268_435_456).default(10_485_760),
  /** Points of one session at most; the oldest give way (RB-200). */
  sessionLimit: z.int().min(1).max(10_000).default(20),
  /** Every so many points of a session, a checkpoint of it is made; 0 for none (RB-199). */
  checkpointThreshold: z.int().min(0).max(10_000).default(5),
  /** What becomes of a session's points once it is over (RB-201). */
  onSessionEnd: z.enum(['delete', 'keep']).default('delete'),
  /** How long an expired point is remembered, so that asking for it tells so; a day at least (RB-020). */
  rememberExpired: z.int().min(86_400_000).max(31_536_000_000).default(86_400_000),
  /** How long operations that are over are kept. */
  keepOperations: ms.default(86_400_000),
  /** Whether capture and rollback are refused while the database is not ready (RB-017). */
  requireDatabaseReady: z.boolean().default(true),
});
export type RollbackSettings = z.output<typeof rollbackSettingsSchema>;

/** A fresh copy of the defaults. */
export function defaultRollbackSettings(): RollbackSettings {
  return rollbackSettingsSchema.parse({});
}
