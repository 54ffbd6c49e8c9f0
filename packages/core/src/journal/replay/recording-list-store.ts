import { type CamelRow, camelRow, type Executor, statement } from '../../platform/database/index.ts';
import type { Recording } from './recording.ts';
import { RECORDING_COLUMNS, toRecording } from './recording-store.ts';

const LIST = statement(
  'recordings.list',
  `SELECT ${RECORDING_COLUMNS}, count(*) OVER ()::int AS total FROM recordings r
   WHERE r.project_id = $1 AND ($2::uuid IS NULL OR r.session_id = $2) AND ($3::text IS NULL OR r.status = $3)
   ORDER BY r.started_at DESC, r.id DESC LIMIT $4 OFFSET $5`,
);

/** The newest first (REPLAY-050). */
export async function listRecordings(
  db: Executor,
  projectId: string,
  filter: { sessionId: string | null; status: Recording['status'] | null; limit: number; offset: number },
): Promise<{ items: Recording[]; total: number }> {
  const { sessionId, status, limit, offset } = filter;
  const rows = await db.query<CamelRow & { total: number }>(LIST, [projectId, sessionId, status, limit, offset]);
  return { items: rows.map(toRecording), total: rows[0]?.total ?? 0 };
}

/** Recordings of a project in numbers (REPLAY-051). */
export interface RecordingStatistics {
  totalRecordings: number;
  recordingNow: number;
  totalFrames: number;
  /** Bytes of frames as they are stored, as measured there. */
  storageUsed: number;
  /** Mean over recordings; 1 without any. */
  compressionRatio: number;
  /** Milliseconds, of those that are over; 0 without any. */
  averageDurationMs: number;
  /** By start; null without any. */
  oldest: string | null;
  newest: string | null;
}

const STATISTICS = statement(
  'recordings.statistics',
  `SELECT count(*)::int AS total_recordings, count(*) FILTER (WHERE r.status = 'recording')::int AS recording_now,
     coalesce(sum(f.frames), 0)::double precision AS total_frames, coalesce(sum(f.bytes), 0)::double precision AS storage_used,
     coalesce(avg(r.stored_bytes::double precision / nullif(r.raw_bytes, 0)), 1)::double precision AS compression_ratio,
     coalesce(avg(extract(epoch FROM r.ended_at - r.started_at) * 1000), 0)::double precision AS average_duration_ms,
     min(r.started_at) AS oldest, max(r.started_at) AS newest
   FROM recordings r LEFT JOIN LATERAL (
     SELECT count(*) AS frames, sum(octet_length(f.body)) AS bytes FROM recording_frames f WHERE f.recording_id = r.id) f ON true
   WHERE r.project_id = $1`,
);

export async function readStatistics(db: Executor, projectId: string): Promise<RecordingStatistics> {
  const [row] = await db.query<CamelRow>(STATISTICS, [projectId]);
  return camelRow(row ?? {}) as unknown as RecordingStatistics;
}
