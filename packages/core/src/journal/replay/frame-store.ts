import { byteaArray, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import type { StoredFrame } from './frame-code.ts';
import type { FrameFilter } from './recording.ts';

const INSERT = statement(
  'recordings.frames',
  `INSERT INTO recording_frames (recording_id, seq, kind, type, actor, encoding, body, raw_bytes, hash)
   SELECT $1::uuid, f.* FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::integer[], $9::bytea[]) AS f`,
);

export async function insertFrames(
  tx: Transaction,
  recordingId: string,
  frames: readonly StoredFrame[],
): Promise<void> {
  if (frames.length === 0) return;
  await tx.query(INSERT, [
    recordingId,
    frames.map((frame) => frame.seq),
    frames.map((frame) => frame.kind),
    frames.map((frame) => frame.type),
    frames.map((frame) => frame.actor),
    frames.map((frame) => frame.encoding),
    byteaArray(frames.map((frame) => frame.body)),
    frames.map((frame) => frame.rawBytes),
    byteaArray(frames.map((frame) => frame.checksum)),
  ]);
}

/** A place between frames: after the event, or after the snapshot, of that number. */
export interface FramePlace {
  seq: number;
  kind: StoredFrame['kind'];
}
/** Before all frames. */
export const AT_START: FramePlace = { seq: -1, kind: 'snapshot' };

const FRAMES = `f.seq, f.kind, f.type, f.actor, f.encoding, f.body, f.raw_bytes, f.hash`;
const READ = statement(
  'recordings.read',
  `SELECT ${FRAMES} FROM recording_frames f JOIN recordings r ON r.id = f.recording_id
   WHERE r.project_id = $1 AND f.recording_id = $2 AND (f.seq, f.kind) > ($3::bigint, $4::text)
     AND f.seq >= coalesce($5::bigint, 0) AND f.seq <= coalesce($6::bigint, 9223372036854775807)
     AND (f.kind = 'event' OR $7) AND (f.kind = 'snapshot' OR $8::text[] IS NULL OR f.type = ANY ($8))
     AND (f.kind = 'snapshot' OR $9::text[] IS NULL OR f.actor = ANY ($9))
   ORDER BY f.seq, f.kind LIMIT $10`,
);
const COUNT = statement(
  'recordings.count',
  `SELECT count(*)::int AS total FROM recording_frames f JOIN recordings r ON r.id = f.recording_id
   WHERE r.project_id = $1 AND f.recording_id = $2
     AND f.seq >= coalesce($3::bigint, 0) AND f.seq <= coalesce($4::bigint, 9223372036854775807)
     AND (f.kind = 'event' OR $5) AND (f.kind = 'snapshot' OR $6::text[] IS NULL OR f.type = ANY ($6))
     AND (f.kind = 'snapshot' OR $7::text[] IS NULL OR f.actor = ANY ($7))`,
);
const BASE = statement(
  'recordings.base',
  `SELECT ${FRAMES} FROM recording_frames f JOIN recordings r ON r.id = f.recording_id
   WHERE r.project_id = $1 AND f.recording_id = $2 AND f.kind = 'snapshot' AND f.seq <= $3 ORDER BY f.seq DESC LIMIT 1`,
);

interface FrameRow {
  seq: string;
  kind: StoredFrame['kind'];
  type: string | null;
  actor: string | null;
  encoding: StoredFrame['encoding'];
  body: Buffer;
  raw_bytes: number;
  hash: Buffer;
}

/** Frames that pass the filter, in order: each event, then the snapshot that follows it. */
export async function readFrames(
  db: Executor,
  projectId: string,
  recordingId: string,
  filter: FrameFilter & { after?: FramePlace; limit: number },
): Promise<StoredFrame[]> {
  const { after = AT_START, limit } = filter;
  const rows = await db.query<FrameRow>(READ, [
    projectId,
    recordingId,
    after.seq,
    after.kind,
    ...bounds(filter),
    limit,
  ]);
  return rows.map(toFrame);
}

export async function countFrames(
  db: Executor,
  projectId: string,
  recordingId: string,
  filter: FrameFilter,
): Promise<number> {
  const [row] = await db.query<{ total: number }>(COUNT, [projectId, recordingId, ...bounds(filter)]);
  return row?.total ?? 0;
}

/** The latest snapshot at or before that event. */
export async function snapshotAtOrBefore(
  db: Executor,
  projectId: string,
  recordingId: string,
  seq: number,
): Promise<StoredFrame | null> {
  const [row] = await db.query<FrameRow>(BASE, [projectId, recordingId, seq]);
  return row ? toFrame(row) : null;
}

function bounds({ fromSeq, toSeq, types, actors, includeSnapshots = true }: FrameFilter): unknown[] {
  return [fromSeq ?? null, toSeq ?? null, includeSnapshots, types ?? null, actors ?? null];
}

function toFrame(row: FrameRow): StoredFrame {
  const { seq, kind, type, actor, encoding, body } = row;
  return { seq: Number(seq), kind, type, actor, encoding, body, rawBytes: row.raw_bytes, checksum: row.hash };
}
