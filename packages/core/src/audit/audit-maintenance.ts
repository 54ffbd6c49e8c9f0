import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import { dropDayPartitions, makeDayPartitions } from '../platform/partitions/day-partition-store.ts';
import { makeRelease, type SealKey } from './seal.ts';
import { insertRelease, oldestUnsealed } from './seal-store.ts';

const AUDIT = { table: 'audit_events', column: 'at' } as const;
const DAY_MS = 86_400_000;

/** Makes the audit's partitions from the day of `from` on; answers the days made. For maintenance, daily, a week ahead. */
export function makeAuditPartitions(database: Database, from: Date, days: number): Promise<Date[]> {
  return database.transaction((tx) => makeDayPartitions(tx, AUDIT, from, days));
}

/**
 * Drops the days of audit rows that ended at or before `before` and are wholly sealed; answers them. Their seals stay, and
 * a release signed with the seals' key says why the rows are gone. Rows of a day without a partition of its own stay.
 */
export function dropAuditPartitions(database: Database, before: Date, key: SealKey, clock: Clock): Promise<Date[]> {
  return database.transaction(async (tx) => {
    const unsealed = await oldestUnsealed(tx);
    const limit = unsealed && unsealed < before ? unsealed : before;
    const dropped = await dropDayPartitions(tx, AUDIT, limit);
    const newest = dropped.at(-1);
    if (newest) {
      const droppedBefore = new Date(newest.getTime() + DAY_MS).toISOString();
      await insertRelease(tx, makeRelease(key, { droppedBefore, releasedAt: clock.now().toISOString() }));
    }
    return dropped;
  });
}
