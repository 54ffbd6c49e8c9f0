import {
  type CamelRow,
  camelRow,
  DatabaseError,
  type Executor,
  statement,
  type Transaction,
} from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { type Finding, type Recording, recordingSchema } from './recording.ts';

const COLUMNS = `r.id, r.project_id, r.session_id, r.title, r.status, r.reason, r.settings, r.base_seq::double precision AS base_seq,
  r.last_seq::double precision AS last_seq, r.started_at, r.ended_at,
  extract(epoch FROM r.ended_at - r.started_at)::double precision * 1000 AS duration_ms,
  r.event_frames + r.snapshot_frames AS total_frames, r.event_frames, r.snapshot_frames,
  r.raw_bytes::double precision AS raw_bytes, r.stored_bytes::double precision AS stored_bytes,
  CASE WHEN r.raw_bytes = 0 THEN 1 ELSE r.stored_bytes::double precision / r.raw_bytes END AS compression_ratio,
  r.validation, r.findings, r.created_by`;

/** A recording with what only its recorder needs. */
export interface HeldRecording extends Recording {
  snapshotSeq: number;
  snapshotAt: string;
  head: Buffer;
}

const INSERT = statement(
  'recordings.insert',
  `INSERT INTO recordings AS r (id, project_id, session_id, title, status, reason, settings, base_seq, last_seq, started_at, ended_at,
     recorder, lease_until, snapshot_seq, snapshot_at, event_frames, snapshot_frames, raw_bytes, stored_bytes, head, validation, created_by)
   VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $8, $9::timestamptz, $10::timestamptz, $11::uuid,
     CASE WHEN $11::uuid IS NOT NULL THEN now() + make_interval(secs => $12::double precision) END,
     $8, $9::timestamptz, 0, 0, 0, 0, $13::bytea, 'not-run', $14)`,
);

export interface NewRecording {
  id: string;
  projectId: string;
  sessionId: string;
  title: string;
  settings: Recording['settings'];
  baseSeq: number;
  startedAt: string;
  createdBy: string | null;
  /** Of one that is recorded from now on: by which process, for how many seconds until it must say so again. */
  recorder: { id: string; leaseSeconds: number } | null;
  /** Of one that is over already. */
  ended: { at: string; reason: string } | null;
  head: Buffer;
}

/** @throws RECORDING_ACTIVE where the session is being recorded already (REPLAY-010). */
export async function insertRecording(tx: Transaction, recording: NewRecording): Promise<void> {
  const { recorder, ended } = recording;
  try {
    await tx.query(INSERT, [
      recording.id,
      recording.projectId,
      recording.sessionId,
      recording.title,
      ended ? 'completed' : 'recording',
      ended?.reason ?? null,
      JSON.stringify(recording.settings),
      recording.baseSeq,
      recording.startedAt,
      ended?.at ?? null,
      recorder?.id ?? null,
      recorder?.leaseSeconds ?? null,
      recording.head,
      recording.createdBy,
    ]);
  } catch (error) {
    if (!DatabaseError.is(error, 'uq_recordings_session')) throw error;
    throw new SignalboxError('RECORDING_ACTIVE', { id: recording.sessionId }, { cause: error });
  }
}

const GET = statement('recordings.get', `SELECT ${COLUMNS} FROM recordings r WHERE r.project_id = $1 AND r.id = $2`);

export async function getRecording(db: Executor, projectId: string, id: string): Promise<Recording | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, id]);
  return row ? toRecording(row) : null;
}

const HOLD = statement(
  'recordings.hold',
  `SELECT ${COLUMNS}, r.snapshot_seq::double precision AS snapshot_seq, r.snapshot_at, r.head
   FROM recordings r WHERE r.project_id = $1 AND r.id = $2 FOR NO KEY UPDATE OF r`,
);

/** Holds a recording until the transaction ends: its frames are written by one at a time. */
export async function holdRecording(tx: Transaction, projectId: string, id: string): Promise<HeldRecording | null> {
  const [row] = await tx.query<CamelRow>(HOLD, [projectId, id]);
  if (!row) return null;
  const { snapshotSeq, snapshotAt } = camelRow(row);
  return {
    ...toRecording(row),
    snapshotSeq: Number(snapshotSeq),
    snapshotAt: String(snapshotAt),
    head: row.head as Buffer,
  };
}

const ADVANCE = statement(
  'recordings.advance',
  `UPDATE recordings SET last_seq = $3, snapshot_seq = $4, snapshot_at = coalesce($5::timestamptz, snapshot_at), event_frames = $6,
     snapshot_frames = $7, raw_bytes = $8, stored_bytes = $9, head = $10::bytea
   WHERE project_id = $1 AND id = $2`,
);

export async function advanceRecording(
  tx: Transaction,
  projectId: string,
  id: string,
  to: {
    lastSeq: number;
    snapshotSeq: number;
    /** When the last snapshot was taken; null where there was none. */
    snapshotAt: string | null;
    eventFrames: number;
    snapshotFrames: number;
    rawBytes: number;
    storedBytes: number;
    head: Buffer;
  },
): Promise<void> {
  await tx.query(ADVANCE, [
    projectId,
    id,
    to.lastSeq,
    to.snapshotSeq,
    to.snapshotAt,
    to.eventFrames,
    to.snapshotFrames,
    to.rawBytes,
    to.storedBytes,
    to.head,
  ]);
}

const END = statement(
  'recordings.end',
  `UPDATE recordings SET status = $3, reason = $4, ended_at = $5::timestamptz, recorder = NULL, lease_until = NULL
   WHERE project_id = $1 AND id = $2 AND status = 'recording' RETURNING id`,
);

/** False where it was over already. */
export async function endRecording(
  tx: Transaction,
  projectId: string,
  id: string,
  end: { status: 'completed' | 'interrupted'; reason: string; at: string },
): Promise<boolean> {
  return (await tx.query(END, [projectId, id, end.status, end.reason, end.at])).length > 0;
}

const VALIDATED = statement(
  'recordings.validated',
  'UPDATE recordings SET validation = $3, findings = $4::jsonb WHERE project_id = $1 AND id = $2',
);

export async function noteValidation(
  db: Executor,
  projectId: string,
  id: string,
  validation: 'passed' | 'failed',
  findings: readonly Finding[],
): Promise<void> {
  await db.query(VALIDATED, [projectId, id, validation, JSON.stringify(findings)]);
}

const RENEW = statement(
  'recordings.renew',
  `UPDATE recordings SET lease_until = now() + make_interval(secs => $2::double precision)
   WHERE recorder = $1::uuid AND status = 'recording' RETURNING id, project_id`,
);

/** What a process records, its right to it renewed. */
export async function renewRecordings(
  db: Executor,
  recorder: string,
  leaseSeconds: number,
): Promise<{ projectId: string; id: string }[]> {
  const rows = await db.query<{ id: string; project_id: string }>(RENEW, [recorder, leaseSeconds]);
  return rows.map((row) => ({ projectId: row.project_id, id: row.id }));
}

const ABANDONED = statement(
  'recordings.abandoned',
  `SELECT id, project_id FROM recordings WHERE status = 'recording' AND lease_until < now() LIMIT 100`,
);

/** Recordings whose process is gone. */
export async function findAbandoned(db: Executor): Promise<{ projectId: string; id: string }[]> {
  const rows = await db.query<{ id: string; project_id: string }>(ABANDONED);
  return rows.map((row) => ({ projectId: row.project_id, id: row.id }));
}

const DELETE = statement('recordings.delete', 'DELETE FROM recordings WHERE project_id = $1 AND id = $2');

/** With its frames. */
export async function deleteRecording(tx: Transaction, projectId: string, id: string): Promise<void> {
  await tx.query(DELETE, [projectId, id]);
}

const RETIRE = statement(
  'recordings.retire',
  `DELETE FROM recordings WHERE project_id = $1 AND status <> 'recording' AND ended_at <= $2::timestamptz RETURNING id`,
);

export async function retireRecordings(tx: Transaction, projectId: string, cutoff: Date): Promise<number> {
  return (await tx.query(RETIRE, [projectId, cutoff.toISOString()])).length;
}

/** The one place where a row becomes a recording; unknown columns are left out. */
export function toRecording(row: CamelRow): Recording {
  return recordingSchema.parse(camelRow(row));
}

export const RECORDING_COLUMNS = COLUMNS;
