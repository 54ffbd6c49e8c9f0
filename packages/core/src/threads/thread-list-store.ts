import { type Executor, statement } from '../platform/database/index.ts';
import type { Thread } from './thread.ts';

/** Where a list of checkpoints goes on. Greater ids come first; of equal ones, smaller threads and namespaces. */
export interface CheckpointPlace {
  checkpointId: string;
  threadId: string;
  namespace: string;
}

export interface CheckpointsWanted {
  threadId: string | null;
  namespace: string | null;
  checkpointId: string | null;
  before: string | null;
  metadata: Record<string, unknown> | null;
}

const places = statement(
  'threads.places',
  `SELECT c.checkpoint_id, t.thread_id, c.namespace FROM threads t JOIN thread_checkpoints c ON c.thread = t.id
   WHERE t.project_id = $1 AND ($2::text IS NULL OR t.thread_id = $2) AND ($3::text IS NULL OR c.namespace = $3)
     AND ($4::text IS NULL OR c.checkpoint_id = $4) AND ($5::text IS NULL OR c.checkpoint_id < $5)
     AND ($6::jsonb IS NULL OR sb_thread_metadata(c.metadata_type, c.metadata) @> $6)
     AND ($7::text IS NULL OR c.checkpoint_id < $7
       OR (c.checkpoint_id = $7 AND (t.thread_id, c.namespace) > ($8::text COLLATE "C", $9::text COLLATE "C")))
   ORDER BY c.checkpoint_id DESC, t.thread_id, c.namespace LIMIT $10`,
);

export async function listPlaces(
  db: Executor,
  projectId: string,
  { threadId, namespace, checkpointId, before, metadata }: CheckpointsWanted,
  after: CheckpointPlace | null,
  limit: number,
): Promise<CheckpointPlace[]> {
  const filter = metadata === null ? null : JSON.stringify(metadata);
  const from = [after?.checkpointId ?? null, after?.threadId ?? null, after?.namespace ?? null];
  const rows = await db.query<{ checkpoint_id: string; thread_id: string; namespace: string }>(places, [
    projectId,
    threadId,
    namespace,
    checkpointId,
    before,
    filter,
    ...from,
    limit,
  ]);
  return rows.map((row) => ({ checkpointId: row.checkpoint_id, threadId: row.thread_id, namespace: row.namespace }));
}

const list = statement(
  'threads.list',
  `SELECT t.thread_id, t.created_at, c.checkpoints, c.last_saved_at, c.bytes + v.bytes AS bytes
   FROM (SELECT * FROM threads WHERE project_id = $1 AND ($2::text IS NULL OR thread_id > $2) AND ($3::text IS NULL OR thread_id = $3)
     ORDER BY thread_id LIMIT $4) t
   CROSS JOIN LATERAL (SELECT count(*)::integer AS checkpoints, max(k.created_at) AS last_saved_at,
     coalesce(sum(octet_length(k.body) + octet_length(k.metadata) + octet_length(k.channels::text)
       + coalesce(octet_length(k.holds::text) + octet_length(k.held), 0)), 0) AS bytes
     FROM thread_checkpoints k WHERE k.thread = t.id) c
   CROSS JOIN LATERAL (SELECT coalesce(sum(octet_length(w.value)), 0) AS bytes FROM thread_values w WHERE w.thread = t.id) v
   ORDER BY t.thread_id`,
);

export async function listThreads(
  db: Executor,
  projectId: string,
  range: { after: string | null; threadId: string | null; limit: number },
): Promise<Thread[]> {
  const rows = await db.query<{
    thread_id: string;
    created_at: Date;
    checkpoints: number;
    last_saved_at: Date | null;
    bytes: string;
  }>(list, [projectId, range.after, range.threadId, range.limit]);
  return rows.map((row) => ({
    threadId: row.thread_id,
    createdAt: row.created_at.toISOString(),
    checkpoints: row.checkpoints,
    lastSavedAt: row.last_saved_at?.toISOString() ?? null,
    bytes: Number(row.bytes),
  }));
}

const remove = statement('threads.delete', 'DELETE FROM threads WHERE project_id = $1 AND thread_id = $2 RETURNING id');

/** Answers whether there was such a thread. */
export async function deleteThread(db: Executor, projectId: string, threadId: string): Promise<boolean> {
  return (await db.query(remove, [projectId, threadId])).length > 0;
}

const prune = statement(
  'threads.prune',
  `SELECT * FROM sb_threads_prune($1, $2, $3, now() - $4::double precision * interval '1 second')`,
);

/** See `sb_threads_prune`. */
export async function pruneThread(
  db: Executor,
  projectId: string,
  threadId: string,
  { keepLast, olderThanSeconds }: { keepLast: number | null; olderThanSeconds: number | null },
): Promise<{ checkpoints: number; values: number }> {
  const [row] = await db.query<{ checkpoints: number; channel_values: number }>(prune, [
    projectId,
    threadId,
    keepLast,
    olderThanSeconds,
  ]);
  return { checkpoints: row?.checkpoints ?? 0, values: row?.channel_values ?? 0 };
}
