import type { Database, Executor } from '../database/index.ts';
import { dropDayPartitions, makeDayPartitions } from '../partitions/day-partition-store.ts';
import { deleteDefaultRows, placeEntries, updateEpochs, updateFirstPositions } from './feed-store.ts';

const FEED = { table: 'feed_entries', column: 'created_at' } as const;
const PLACE_AT_ONCE = 1_000;

/** Makes the feed's partitions from the day of `from` on; answers the days made. For maintenance, daily, a week ahead. */
export function makeFeedPartitions(database: Database, from: Date, days: number): Promise<Date[]> {
  return database.transaction((tx) => makeDayPartitions(tx, FEED, from, days));
}

/**
 * Forgets the days of the feed that ended at or before `before`; answers them. Readers that stand further back get a
 * `reset`. Everything is placed first, so that no forgotten row leaves a hole.
 */
export async function dropFeedPartitions(database: Database, before: Date): Promise<Date[]> {
  while ((await placeEntries(database, PLACE_AT_ONCE)).length > 0);
  return database.transaction(async (tx) => {
    const dropped = await dropDayPartitions(tx, FEED, before);
    await deleteDefaultRows(tx, before);
    await updateFirstPositions(tx);
    return dropped;
  });
}

/** Makes all readers start anew; after a restore, since positions given out after the backup would be given twice. */
export function renewFeedEpochs(executor: Executor): Promise<void> {
  return updateEpochs(executor);
}
