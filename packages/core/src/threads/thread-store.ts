import { unpackBody } from '../platform/content/index.ts';
import { byteaArray, DatabaseError, type Executor, statement } from '../platform/database/index.ts';
import { nameOfValue, readPlaces } from './channel-places.ts';
import { type BroughtValue, type HeldValues, type PlacedValue, packHeld, unpackHeld } from './held-values.ts';
import { type CheckpointParts, checkpointOf, missingOf } from './loaded-checkpoint.ts';
import type { ThreadCheckpoint, TypedBytes } from './thread.ts';

export interface SaveCall {
  projectId: string;
  threadId: string;
  namespace: string;
  checkpointId: string;
  parentId: string | null;
  /** Where the values of its channels stand, as `writePlaces` writes it. */
  channels: string;
  body: TypedBytes;
  metadata: TypedBytes;
  values: readonly BroughtValue[];
}

const holdThreadsOf = statement(
  'threads.hold',
  'SELECT h.id FROM unnest(sb_threads_hold($1::uuid[], $2::text[])) WITH ORDINALITY AS h (id, n) ORDER BY h.n',
);

/** The threads' numbers, made where there are none, and kept from deletion and pruning until the transaction ends. */
export async function holdThreads(
  tx: Executor,
  calls: readonly { projectId: string; threadId: string }[],
): Promise<string[]> {
  const projects = calls.map(({ projectId }) => projectId);
  const rows = await tx.query<{ id: string }>(holdThreadsOf, [projects, calls.map(({ threadId }) => threadId)]);
  return rows.map(({ id }) => id);
}

/** A checkpoint that is there stays as it is where it brought other values. */
const AGAIN = `ON CONFLICT (thread, namespace, checkpoint_id) DO UPDATE SET channels = EXCLUDED.channels, body_type = EXCLUDED.body_type,
     body = EXCLUDED.body, metadata_type = EXCLUDED.metadata_type, metadata = EXCLUDED.metadata
     WHERE t.holds::text IS NOT DISTINCT FROM EXCLUDED.holds::text AND t.held IS NOT DISTINCT FROM EXCLUDED.held`;
const SAVED = `INSERT INTO thread_checkpoints AS t
     (thread, namespace, checkpoint_id, parent_id, channels, holds, held, body_type, body, metadata_type, metadata)
   SELECT c.thread, c.namespace, c.id, c.parent, c.channels::json, c.holds::json, c.held, nullif(c.type, 'json'), c.body,
     nullif(c.metadata_type, 'json'), c.metadata
   FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::text[], $9::bytea[],
     $10::text[], $11::bytea[]) AS c (thread, namespace, id, parent, channels, holds, held, type, body, metadata_type, metadata)
   ORDER BY 1, 2, 3
   ${AGAIN} RETURNING t.thread, t.namespace, t.checkpoint_id`;
const FED = `INSERT INTO feed_entries (project_id, topic, payload)
   SELECT f.project_id, 'thread', f.payload FROM unnest($12::uuid[], $13::jsonb[]) AS f (project_id, payload)`;
/** A foreign key looks for the thread, so that one which was deleted meanwhile gets nothing any more. */
const APART = `INSERT INTO thread_values (thread, namespace, checkpoint_id, channel, version, value_type, project_id, digest)
   SELECT s.thread, s.namespace, s.checkpoint_id, v.channel, v.version, v.type, v.project_id, v.digest
   FROM unnest($14::bigint[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::uuid[], $21::bytea[])
     AS v (thread, namespace, checkpoint_id, channel, version, type, project_id, digest)
   JOIN saved s USING (thread, namespace, checkpoint_id) ON CONFLICT DO NOTHING`;
const DIFFERING = `SELECT CASE WHEN count(*) < cardinality($1::bigint[])
   THEN json_agg(json_build_array(thread::text, namespace, checkpoint_id)) END AS saved, count(*)::integer AS count FROM saved`;

/** One checkpoint with values of its row alone: a caller who has nobody to travel with pays for no arrays. */
const saveOne = statement(
  'threads.save_one',
  `WITH fed AS (INSERT INTO feed_entries (project_id, topic, payload) VALUES ($12, 'thread', $13))
   INSERT INTO thread_checkpoints AS t
     (thread, namespace, checkpoint_id, parent_id, channels, holds, held, body_type, body, metadata_type, metadata)
   VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, 'json'), $9, nullif($10, 'json'), $11) ${AGAIN} RETURNING true AS saved`,
);
const save = statement('threads.save', `WITH saved AS (${SAVED}), fed AS (${FED}) ${DIFFERING}`);
const saveWithApart = statement(
  'threads.save_apart',
  `WITH saved AS (${SAVED}), fed AS (${FED}), apart AS (${APART}) ${DIFFERING}`,
);

/**
 * Saves a whole batch; each thread and namespace may occur once in it.
 *
 * @param threads the number of each call's thread
 * @returns the places in the batch of those whose checkpoint is there already with other values than these: nothing was done for them.
 * @throws what {@link isThreadGone} knows, for the whole of it
 */
export async function saveCheckpoints(
  db: Executor,
  calls: readonly SaveCall[],
  threads: readonly string[],
): Promise<number[]> {
  const held = calls.map(({ values }) => packHeld(values));
  const apart = calls.flatMap((call, n) =>
    call.values.flatMap(({ channel, version, placed: { type, digest } }) =>
      digest ? [{ call, thread: threads[n], channel, version: String(version), type, digest }] : [],
    ),
  );
  const fed = feedOf(calls);
  const [call] = calls;
  if (call && calls.length === 1 && apart.length === 0) return saveAlone(db, call, threads[0] ?? '', held[0]);
  const [row] = await db.query<{ saved: [string, string, string][] | null; count: number }>(
    apart.length > 0 ? saveWithApart : save,
    [
      threads,
      calls.map(({ namespace }) => namespace),
      calls.map(({ checkpointId }) => checkpointId),
      calls.map(({ parentId }) => parentId),
      calls.map(({ channels }) => channels),
      held.map(({ holds }) => holds),
      byteaArray(held.map((one) => one.held)),
      calls.map(({ body }) => body.type),
      byteaArray(calls.map(({ body }) => body.bytes)),
      calls.map(({ metadata }) => metadata.type),
      byteaArray(calls.map(({ metadata }) => metadata.bytes)),
      [...fed.keys()],
      [...fed.values()].map((saved) => JSON.stringify({ saved })),
      ...(apart.length > 0
        ? [
            apart.map(({ thread }) => thread),
            apart.map(({ call }) => call.namespace),
            apart.map(({ call }) => call.checkpointId),
            apart.map(({ channel }) => channel),
            apart.map(({ version }) => version),
            apart.map(({ type }) => type),
            apart.map(({ call }) => call.projectId),
            byteaArray(apart.map(({ digest }) => digest)),
          ]
        : []),
    ],
  );
  if (row?.count === calls.length) return [];
  const saved = new Set((row?.saved ?? []).map((key) => JSON.stringify(key)));
  return calls.flatMap(({ namespace, checkpointId }, n) =>
    saved.has(JSON.stringify([threads[n], namespace, checkpointId])) ? [] : [n],
  );
}

async function saveAlone(db: Executor, call: SaveCall, thread: string, values?: HeldValues): Promise<number[]> {
  const { projectId, threadId, namespace, checkpointId, parentId, channels, body, metadata } = call;
  const { holds = null, held = null } = values ?? {};
  const fed = JSON.stringify({ saved: [{ threadId, namespace, checkpointId }] });
  const place = [thread, namespace, checkpointId, parentId];
  const saved = await db.query<{ saved: true }>(saveOne, [
    ...place,
    channels,
    holds,
    held,
    body.type,
    body.bytes,
    metadata.type,
    metadata.bytes,
    projectId,
    fed,
  ]);
  return saved.length > 0 ? [] : [0];
}

/** Whether a save failed since one of its threads is not there any more. */
export function isThreadGone(error: unknown): boolean {
  return DatabaseError.is(error, 'fk_thread_checkpoints_thread') || DatabaseError.is(error, 'fk_thread_values_thread');
}

function feedOf(
  calls: readonly SaveCall[],
): Map<string, { threadId: string; namespace: string; checkpointId: string }[]> {
  const fed = new Map<string, { threadId: string; namespace: string; checkpointId: string }[]>();
  for (const { projectId, threadId, namespace, checkpointId } of calls) {
    const one = { threadId, namespace, checkpointId };
    const those = fed.get(projectId);
    if (those) those.push(one);
    else fed.set(projectId, [one]);
  }
  return fed;
}

const lockHeld = statement(
  'threads.lock_held',
  `SELECT holds::text, held FROM thread_checkpoints WHERE thread = $1 AND namespace = $2 AND checkpoint_id = $3 FOR UPDATE`,
);

/** What a checkpoint brought, kept as it is until the transaction ends; null where there is no such checkpoint. */
export async function lockHeldValues(
  tx: Executor,
  thread: string,
  { namespace, checkpointId }: SaveCall,
): Promise<HeldValues | null> {
  const [row] = await tx.query<{ holds: string | null; held: Buffer | null }>(lockHeld, [
    thread,
    namespace,
    checkpointId,
  ]);
  return row ?? null;
}

const setHeld = statement(
  'threads.set_held',
  `UPDATE thread_checkpoints SET holds = $4, held = $5 WHERE thread = $1 AND namespace = $2 AND checkpoint_id = $3`,
);

export async function setHeldValues(
  tx: Executor,
  thread: string,
  { namespace, checkpointId, values }: SaveCall,
): Promise<void> {
  const { holds, held } = packHeld(values);
  await tx.query(setHeld, [thread, namespace, checkpointId, holds, held]);
}

const channelsOf = statement(
  'threads.channels',
  `SELECT c.channels::text FROM threads t JOIN thread_checkpoints c ON c.thread = t.id
   WHERE t.project_id = $1 AND t.thread_id = $2 AND c.namespace = $3 AND c.checkpoint_id = $4`,
);

/** What `writePlaces` wrote of this checkpoint; null where there is none. */
export async function readChannels(
  db: Executor,
  projectId: string,
  { threadId, namespace, checkpointId }: { threadId: string; namespace: string; checkpointId: string },
): Promise<string | null> {
  const [row] = await db.query<{ channels: string }>(channelsOf, [projectId, threadId, namespace, checkpointId]);
  return row?.channels ?? null;
}

export interface WriteCall {
  projectId: string;
  threadId: string;
  namespace: string;
  checkpointId: string;
  taskId: string;
  taskPath: string;
  writes: readonly { idx: number; channel: string; placed: PlacedValue }[];
}

const write = statement(
  'threads.write',
  `SELECT sb_threads_write($1::uuid[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::integer[], $8::text[],
     $9::text[], $10::text[], $11::bytea[], $12::bytea[])`,
);

/** Keeps the writes of a whole batch; each thread and namespace may occur once in it, each index once in a call. */
export async function saveWrites(db: Executor, calls: readonly WriteCall[]): Promise<void> {
  const writes = calls.flatMap((call, index) =>
    call.writes.map((one) => ({ call: index + 1, taskId: call.taskId, taskPath: call.taskPath, ...one })),
  );
  await db.query(write, [
    ...threadColumns(calls),
    calls.map(({ checkpointId }) => checkpointId),
    writes.map(({ call }) => call),
    writes.map(({ taskId }) => taskId),
    writes.map(({ idx }) => idx),
    writes.map(({ taskPath }) => taskPath),
    writes.map(({ channel }) => channel),
    ...placedColumns(writes),
  ]);
}

export interface LoadCall {
  projectId: string;
  threadId: string;
  namespace: string;
  /** Null for the latest. */
  checkpointId: string | null;
}

const load = statement('threads.load', 'SELECT * FROM sb_threads_load($1::uuid[], $2::text[], $3::text[], $4::text[])');

interface LoadRow {
  call: number;
  kind: 'c' | 'h' | 'v' | 'w';
  name: string | null;
  thread: string | null;
  source: string | null;
  version: string | null;
  task_id: string | null;
  task_path: string | null;
  idx: number | null;
  channels: string | null;
  holds: string | null;
  created_at: Date | null;
  value_type: string | null;
  value: Buffer | null;
  metadata_type: string | null;
  metadata: Buffer | null;
  compressed: boolean | null;
  bytes: number | null;
}

/** Loads for a whole batch, in its order; null where there is no such checkpoint. */
export async function loadCheckpoints(db: Executor, calls: readonly LoadCall[]): Promise<(ThreadCheckpoint | null)[]> {
  const rows = await db.query<LoadRow>(load, [...threadColumns(calls), calls.map(({ checkpointId }) => checkpointId)]);
  const parts: (CheckpointParts | null)[] = calls.map(() => null);
  for (const row of rows) {
    const call = calls[row.call - 1];
    if (row.kind === 'c' && call) parts[row.call - 1] = toParts(call, row);
  }
  for (const row of rows) {
    const part = parts[row.call - 1];
    if (!part || row.kind === 'c') continue;
    if (row.kind === 'h') part.held.set(row.source ?? '', unpackHeld({ holds: row.holds, held: row.value }));
    else if (row.kind === 'v') {
      const name = nameOfValue(row.name ?? '', row.version ?? '');
      part.apart.set(`${row.source}\0${name}`, await toTyped(row));
    } else part.writes.push(await toWrite(row));
  }
  await search(db, parts);
  return parts.map((part) => part && checkpointOf(part));
}

const searchFor = statement(
  'threads.search',
  'SELECT * FROM sb_threads_search($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])',
);

/** Looks for the values of which it was not known, or not true, what brought them. */
async function search(db: Executor, parts: readonly (CheckpointParts | null)[]): Promise<void> {
  const missing = parts.flatMap((part) => (part ? missingOf(part).map((one) => ({ part, ...one })) : []));
  if (missing.length === 0) return;
  const rows = await db.query<{
    place: number;
    value_type: string;
    value: Buffer | null;
    compressed: boolean | null;
    bytes: number | null;
  }>(searchFor, [
    missing.map(({ part }) => part.thread),
    missing.map(({ part }) => part.namespace),
    missing.map(({ part }) => part.checkpointId),
    missing.map(({ channel }) => channel),
    missing.map(({ version }) => String(version)),
  ]);
  for (const row of rows) {
    const one = missing[row.place - 1];
    if (one) one.part.found.set(nameOfValue(one.channel, one.version), await toTyped(row));
  }
}

function toParts({ threadId, namespace }: LoadCall, row: LoadRow): CheckpointParts {
  return {
    thread: row.thread ?? '',
    threadId,
    namespace,
    checkpointId: row.name ?? '',
    parentId: row.source,
    createdAt: row.created_at?.toISOString() ?? '',
    places: readPlaces(row.channels ?? '[]'),
    body: { type: row.value_type ?? '', bytes: row.value ?? Buffer.alloc(0) },
    metadata: { type: row.metadata_type ?? '', bytes: row.metadata ?? Buffer.alloc(0) },
    held: new Map(),
    apart: new Map(),
    found: new Map(),
    writes: [],
  };
}

async function toWrite(row: LoadRow): Promise<ThreadCheckpoint['writes'][number]> {
  const value = (await toTyped(row)) ?? { type: '', bytes: Buffer.alloc(0) };
  return {
    taskId: row.task_id ?? '',
    taskPath: row.task_path ?? '',
    idx: row.idx ?? 0,
    channel: row.name ?? '',
    value,
  };
}

/** Null for a channel without a value. */
async function toTyped({
  value_type: type,
  value,
  compressed,
  bytes,
}: Pick<LoadRow, 'value_type' | 'value' | 'compressed' | 'bytes'>): Promise<TypedBytes | null> {
  if (!value) return null;
  const body = compressed && bytes !== null ? await unpackBody({ compressed, bytes, body: value }) : value;
  return { type: type ?? '', bytes: body };
}

function threadColumns(calls: readonly { projectId: string; threadId: string; namespace: string }[]): unknown[] {
  return [
    calls.map(({ projectId }) => projectId),
    calls.map(({ threadId }) => threadId),
    calls.map(({ namespace }) => namespace),
  ];
}

function placedColumns(rows: readonly { placed: PlacedValue }[]): unknown[] {
  return [
    rows.map(({ placed }) => placed.type),
    byteaArray(rows.map(({ placed }) => placed.value)),
    byteaArray(rows.map(({ placed }) => placed.digest)),
  ];
}
