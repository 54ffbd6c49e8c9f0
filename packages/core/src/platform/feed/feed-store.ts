import { type Executor, statement } from '../database/index.ts';
import type { FeedEntry } from './feed-entry.ts';

const insert = statement(
  'feed.insert',
  `INSERT INTO feed_entries (project_id, topic, payload)
   SELECT $1::uuid, $2, e.payload FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS e (payload, n) ORDER BY e.n`,
);

export async function insertFeedEntries(
  executor: Executor,
  projectId: string,
  topic: string,
  payloads: readonly Record<string, unknown>[],
): Promise<void> {
  await executor.query(insert, [projectId, topic, JSON.stringify(payloads)]);
}

/** The positions that a project's new rows were given. */
export interface PlacedSpan {
  projectId: string;
  first: number;
  last: number;
}

const place = statement('feed.place', 'SELECT project, first_placed, last_placed FROM sb_feed_place($1)');

/**
 * Gives up to `limit` committed rows, of all projects, the next positions of their project. Whoever calls waits for its turn
 * at a transaction-scoped lock; all that had committed when the turn came is placed, in the order it is seen.
 */
export async function placeEntries(executor: Executor, limit: number): Promise<PlacedSpan[]> {
  const rows = await executor.query<{ project: string; first_placed: string; last_placed: string }>(place, [limit]);
  return rows.map((row) => ({
    projectId: row.project,
    first: Number(row.first_placed),
    last: Number(row.last_placed),
  }));
}

/** A project's feed at one instant: its bounds, and the entries after some position. */
export interface FeedSlice {
  epoch: string;
  /** Position of the newest entry; 0 while there is none. */
  last: number;
  /** Position of the oldest entry that retention has left; `last` + 1 when it has left none. */
  first: number;
  entries: FeedEntry[];
}

const read = statement(
  'feed.read',
  `SELECT h.epoch, h.last_position, h.first_position, e.position, e.topic, e.payload, e.created_at FROM feed_heads h
   LEFT JOIN LATERAL (
     SELECT position, topic, payload, created_at FROM feed_entries
     WHERE project_id = h.project_id AND position > $2::bigint ORDER BY position LIMIT $3
   ) e ON true
   WHERE h.project_id = $1 ORDER BY e.position`,
);

interface ReadRow {
  epoch: string;
  last_position: string;
  first_position: string;
  position: string | null;
  topic: string;
  payload: Record<string, unknown>;
  created_at: Date;
}

/** Null when there is no such project. */
export async function readSlice(
  executor: Executor,
  projectId: string,
  after: number,
  limit: number,
): Promise<FeedSlice | null> {
  const rows = await executor.query<ReadRow>(read, [projectId, after, limit]);
  const [head] = rows;
  if (!head) return null;
  const entries = rows.flatMap(({ position, topic, payload, created_at }) =>
    position === null ? [] : [{ position: Number(position), topic, payload, at: created_at.toISOString() }],
  );
  return { epoch: head.epoch, last: Number(head.last_position), first: Number(head.first_position), entries };
}

const lag = statement(
  'feed.lag',
  `SELECT count(*) AS unplaced, extract(epoch FROM clock_timestamp() - min(created_at)) AS seconds FROM feed_entries WHERE position IS NULL`,
);

export async function readLag(executor: Executor): Promise<{ unplaced: number; oldestSeconds: number | null }> {
  const [row] = await executor.query<{ unplaced: string; seconds: string | null }>(lag);
  return { unplaced: Number(row?.unplaced), oldestSeconds: row?.seconds ? Number(row.seconds) : null };
}

const forget = statement(
  'feed.forget',
  `DELETE FROM feed_entries_default WHERE created_at < $1 AND position IS NOT NULL`,
);
const moveFirst = statement(
  'feed.move_first',
  `UPDATE feed_heads h SET first_position = x.first FROM (
     SELECT p.project_id, coalesce(
       (SELECT min(e.position) FROM feed_entries e WHERE e.project_id = p.project_id AND e.position IS NOT NULL),
       p.last_position + 1) AS first FROM feed_heads p
   ) x CROSS JOIN (SELECT pg_advisory_xact_lock(hashtext('signalbox.feed'))) alone
   WHERE x.project_id = h.project_id AND x.first <> h.first_position`,
);

/** Forgets the default partition's placed rows from before `before`. */
export async function deleteDefaultRows(executor: Executor, before: Date): Promise<void> {
  await executor.query(forget, [before.toISOString()]);
}

/** Says in the heads which entries are left. */
export async function updateFirstPositions(executor: Executor): Promise<void> {
  await executor.query(moveFirst);
}

const renew = statement('feed.renew_epochs', 'UPDATE feed_heads SET epoch = gen_random_uuid()');

/** Makes every cursor that was given out so far meaningless. */
export async function updateEpochs(executor: Executor): Promise<void> {
  await executor.query(renew);
}
