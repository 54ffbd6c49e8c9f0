import { unpackBody } from '../platform/content/index.ts';
import { byteaArray, DatabaseError, type Executor, SQLSTATE, statement } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { ChannelVersion, ThreadCheckpoint, TypedBytes } from './thread.ts';

/** Where a value stands: here, or among the contents. Neither for a channel without a value. */
export interface PlacedValue {
  type: string;
  value: Uint8Array | null;
  digest: Buffer | null;
}

export interface SaveCall {
  projectId: string;
  threadId: string;
  namespace: string;
  checkpointId: string;
  parentId: string | null;
  versions: string;
  body: TypedBytes;
  metadata: TypedBytes;
  values: readonly { channel: string; version: string; placed: PlacedValue }[];
}

const save = statement(
  'threads.save',
  `SELECT sb_threads_save($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::text[],
     $10::bytea[], $11::integer[], $12::text[], $13::text[], $14::text[], $15::bytea[], $16::bytea[])`,
);

/** Saves a whole batch; each thread and namespace may occur once in it. @throws THREAD_VERSION_TAKEN for the whole of it */
export async function saveCheckpoints(db: Executor, calls: readonly SaveCall[]): Promise<void> {
  const values = calls.flatMap((call, index) => call.values.map((value) => ({ call: index + 1, ...value })));
  try {
    await db.query(save, [
      ...threadColumns(calls),
      calls.map(({ checkpointId }) => checkpointId),
      calls.map(({ parentId }) => parentId),
      calls.map(({ versions }) => versions),
      calls.map(({ body }) => body.type),
      byteaArray(calls.map(({ body }) => body.bytes)),
      calls.map(({ metadata }) => metadata.type),
      byteaArray(calls.map(({ metadata }) => metadata.bytes)),
      values.map(({ call }) => call),
      values.map(({ channel }) => channel),
      values.map(({ version }) => version),
      ...placedColumns(values),
    ]);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.sqlState !== SQLSTATE.versionTaken) throw error;
    const details: Record<string, string> = JSON.parse(error.detail ?? '{}');
    throw new SignalboxError('THREAD_VERSION_TAKEN', details, { cause: error });
  }
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
  kind: 'c' | 'v' | 'w';
  name: string;
  task_id: string | null;
  task_path: string | null;
  idx: number | null;
  versions: string | null;
  created_at: Date | null;
  value_type: string;
  value: Buffer | null;
  metadata_type: string | null;
  metadata: Buffer | null;
  compressed: boolean | null;
  bytes: number | null;
}

/** Loads for a whole batch, in its order; null where there is no such checkpoint. */
export async function loadCheckpoints(db: Executor, calls: readonly LoadCall[]): Promise<(ThreadCheckpoint | null)[]> {
  const rows = await db.query<LoadRow>(load, [...threadColumns(calls), calls.map(({ checkpointId }) => checkpointId)]);
  const loaded: (ThreadCheckpoint | null)[] = calls.map(() => null);
  for (const row of rows) {
    const call = calls[row.call - 1];
    if (row.kind === 'c' && call) loaded[row.call - 1] = toCheckpoint(call, row);
  }
  for (const row of rows) {
    const checkpoint = loaded[row.call - 1];
    if (!checkpoint || row.kind === 'c' || !row.value) continue;
    const value = { type: row.value_type, bytes: await bytesOf(row.value, row) };
    if (row.kind === 'v') checkpoint.values.push({ channel: row.name, value });
    else {
      const { task_id: taskId, task_path: taskPath, idx } = row;
      checkpoint.writes.push({
        taskId: taskId ?? '',
        taskPath: taskPath ?? '',
        idx: idx ?? 0,
        channel: row.name,
        value,
      });
    }
  }
  return loaded;
}

function toCheckpoint({ threadId, namespace }: LoadCall, row: LoadRow): ThreadCheckpoint {
  const versions: Record<string, ChannelVersion> = JSON.parse(row.versions ?? '{}');
  return {
    threadId,
    namespace,
    checkpointId: row.name,
    parentId: row.task_id,
    createdAt: row.created_at?.toISOString() ?? '',
    versions,
    body: { type: row.value_type, bytes: row.value ?? Buffer.alloc(0) },
    metadata: { type: row.metadata_type ?? '', bytes: row.metadata ?? Buffer.alloc(0) },
    values: [],
    writes: [],
  };
}

function bytesOf(body: Buffer, { compressed, bytes }: LoadRow): Buffer | Promise<Buffer> {
  return compressed && bytes !== null ? unpackBody({ compressed, bytes, body }) : body;
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
