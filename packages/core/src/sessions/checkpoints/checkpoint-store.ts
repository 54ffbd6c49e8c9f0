import { z } from 'zod';
import { canonicalJson, getContents, putContents } from '../../platform/content/index.ts';
import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import type { Json, JsonObject } from '../session.ts';
import type { SessionStatus } from '../session-status.ts';
import { type Checkpoint, type CheckpointReason, checkpointSchema } from './checkpoint.ts';

const COLUMNS = `c.id, c.project_id, c.session_id, c.sequence, c.data, encode(c.data_digest, 'hex') AS data_digest,
  encode(c.detail_digest, 'hex') AS detail_digest, c.metadata, c.journal_seq::double precision AS journal_seq, c.reason, c.created_at`;

// The counter in the metrics row gives the sequence: whoever comes at the same time waits for that row (ORC-145),
// and takes the time only then, so that times go up with the numbers.
const ADD = statement(
  'checkpoints.add',
  `WITH counted AS (
     UPDATE session_metrics m SET checkpoint_count = m.checkpoint_count + 1,
       last_checkpoint_at = greatest(clock_timestamp(), m.last_checkpoint_at), updated_at = now()
     WHERE m.project_id = $1 AND m.session_id = $2
       AND EXISTS (SELECT FROM sessions s WHERE s.id = m.session_id AND s.deleted_at IS NULL)
     RETURNING m.session_id, m.checkpoint_count, m.last_checkpoint_at
   )
   INSERT INTO session_checkpoints AS c (id, project_id, session_id, sequence, data_digest, detail_digest, metadata, reason,
     journal_seq, created_at)
   SELECT $3, $1, n.session_id, n.checkpoint_count, decode($4, 'hex'), decode($5, 'hex'), $6::jsonb, $7,
     coalesce($8::bigint, h.last_seq, 0), n.last_checkpoint_at
   FROM counted n LEFT JOIN journal_heads h ON h.session_id = n.session_id
   RETURNING ${COLUMNS}`,
);

export interface NewCheckpoint {
  id: string;
  data: Json;
  metadata: JsonObject;
  reason: CheckpointReason;
  /** Null: the last event there is. */
  journalSeq: number | null;
  detail: Pick<Checkpoint, 'summary' | 'refEntities' | 'capture' | 'runtimeSession'>;
}

/**
 * Null when there is no such live session. What it holds is stored by its digest: a thousand checkpoints of one state hold
 * that state once.
 */
export async function insertCheckpoint(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  checkpoint: NewCheckpoint,
): Promise<Checkpoint | null> {
  const { id, data, metadata, reason, journalSeq, detail } = checkpoint;
  const digests = await putContents(tx, projectId, [canonicalJson(data), canonicalJson(detail)]);
  const values = [projectId, sessionId, id, ...digests, JSON.stringify(metadata), reason, journalSeq];
  const [row] = await tx.query<CamelRow>(ADD, values);
  return row ? checkpointSchema.parse({ ...camelRow(row), data, ...detail }) : null;
}

const GET = statement(
  'checkpoints.get',
  `SELECT ${COLUMNS} FROM session_checkpoints c
   WHERE c.project_id = $1 AND c.session_id = $2 AND ($3::integer IS NULL OR c.sequence = $3) ORDER BY c.sequence`,
);

/** A session's checkpoints by sequence, or the one with that sequence. */
export async function getCheckpoints(
  db: Executor,
  projectId: string,
  sessionId: string,
  sequence: number | null = null,
): Promise<Checkpoint[]> {
  return withContents(db, projectId, await db.query<CamelRow>(GET, [projectId, sessionId, sequence]));
}

const LATEST = statement(
  'checkpoints.latest',
  `SELECT ${COLUMNS} FROM session_checkpoints c
   WHERE c.project_id = $1 AND c.session_id = $2 AND c.journal_seq <= $3::bigint ORDER BY c.sequence DESC LIMIT 1`,
);

/** The latest one at or before that event. */
export async function latestCheckpoint(
  db: Executor,
  projectId: string,
  sessionId: string,
  journalSeq: number,
): Promise<Checkpoint | null> {
  const rows = await db.query<CamelRow>(LATEST, [projectId, sessionId, journalSeq]);
  const [checkpoint] = await withContents(db, projectId, rows);
  return checkpoint ?? null;
}

const EARLIER = { summary: null, refEntities: [], capture: null, runtimeSession: null };
const detailSchema = checkpointSchema.pick({ summary: true, refEntities: true, capture: true, runtimeSession: true });

async function withContents(db: Executor, projectId: string, rows: readonly CamelRow[]): Promise<Checkpoint[]> {
  const digests = rows.flatMap(({ data_digest, detail_digest }) => [data_digest, detail_digest]);
  const contents = await getContents(db, projectId, digests.filter((digest) => digest !== null) as string[]);
  const read = (digest: unknown): unknown => {
    const body = contents.get(String(digest));
    return body ? JSON.parse(body.toString()) : undefined;
  };
  return rows.map((row) => {
    const data = row.data_digest === null ? row.data : read(row.data_digest);
    const detail = row.detail_digest === null ? EARLIER : detailSchema.parse(read(row.detail_digest));
    return checkpointSchema.parse({ ...camelRow(row), data, ...detail });
  });
}

const IN_USE = statement(
  'checkpoints.in_use',
  `WITH anchored AS (
     SELECT DISTINCT x.anchor ->> 'checkpointId' AS id FROM session_anchors a
     CROSS JOIN LATERAL jsonb_array_elements(a.anchors) AS x (anchor) WHERE a.project_id = $1)
   SELECT DISTINCT encode(c.detail_digest, 'hex') AS digest
   FROM session_checkpoints c JOIN sessions s ON s.id = c.session_id
   WHERE s.project_id = $1 AND s.workspace_id = $2 AND s.deleted_at IS NULL AND c.detail_digest IS NOT NULL
     AND (s.status = ANY ($3) OR EXISTS (SELECT FROM failure_snapshots f WHERE f.checkpoint_id = c.id)
       OR EXISTS (SELECT FROM anchored a WHERE a.id = c.id::text))`,
);

/**
 * Trees of the checkpoints that may be gone back to: those of sessions in these statuses, and those that an anchor or a failure
 * snapshot names.
 */
export async function treesOfCheckpoints(
  db: Executor,
  projectId: string,
  workspaceId: string,
  statuses: readonly SessionStatus[],
): Promise<string[]> {
  const rows = await db.query<{ digest: string }>(IN_USE, [projectId, workspaceId, [...statuses]]);
  const details = await getContents(
    db,
    projectId,
    rows.map(({ digest }) => digest),
  );
  const captures = [...details.values()].map((body) => detailSchema.parse(JSON.parse(body.toString())).capture);
  return captures.flatMap((capture) => (capture?.workspaceId === workspaceId ? [capture.treeId] : []));
}

const DUE = statement('checkpoints.due', 'SELECT DISTINCT project_id, session_id FROM checkpoints_due LIMIT $1');

/** Sessions that wait for a checkpoint. */
export async function findDue(db: Executor, limit: number): Promise<{ projectId: string; sessionId: string }[]> {
  const rows = await db.query<{ project_id: string; session_id: string }>(DUE, [limit]);
  return rows.map((row) => ({ projectId: row.project_id, sessionId: row.session_id }));
}

const TAKE_DUE = statement(
  'checkpoints.take_due',
  `WITH taken AS (
     DELETE FROM checkpoints_due d USING (
       SELECT session_id, seq FROM checkpoints_due WHERE project_id = $1 AND session_id = $2 ORDER BY seq LIMIT $3 FOR UPDATE) x
     WHERE d.session_id = x.session_id AND d.seq = x.seq RETURNING d.seq, d.reason
   ), covered AS (
     SELECT coalesce(max(journal_seq), -1) AS seq FROM session_checkpoints WHERE project_id = $1 AND session_id = $2
   )
   SELECT t.seq::double precision AS seq, t.reason FROM taken t, covered c
   WHERE t.reason <> 'transition' OR c.seq < t.seq - 1 ORDER BY t.seq`,
);

const dueSchema = z.object({ seq: z.int(), reason: z.enum(['interval', 'event', 'transition']) });

/**
 * Takes the places at which a session is due out of the list: two that come at once get different ones, in order. A transition
 * before which nothing happened since the latest checkpoint needs none of its own.
 */
export async function takeDue(tx: Transaction, projectId: string, sessionId: string, limit: number) {
  const rows = await tx.query(TAKE_DUE, [projectId, sessionId, limit]);
  return rows.map((row) => dueSchema.parse(row));
}

const FORGET_DUE = statement(
  'checkpoints.forget_due',
  'DELETE FROM checkpoints_due WHERE project_id = $1 AND session_id = $2',
);

/** For a journal that was written anew from another one: its places were taken there. */
export async function forgetDue(tx: Transaction, projectId: string, sessionId: string): Promise<void> {
  await tx.query(FORGET_DUE, [projectId, sessionId]);
}

const SETTINGS = statement('checkpoints.project_settings', 'SELECT settings FROM projects WHERE id = $1');

export async function readProjectSettings(db: Executor, projectId: string): Promise<JsonObject> {
  const [row] = await db.query<{ settings: JsonObject }>(SETTINGS, [projectId]);
  return row?.settings ?? {};
}

const STATISTICS = statement(
  'checkpoints.statistics',
  `SELECT (SELECT coalesce(sum(m.checkpoint_count), 0)::int FROM session_metrics m WHERE m.project_id = $1) AS checkpoints_created,
     (SELECT count(*)::int FROM failure_snapshots f WHERE f.project_id = $1) AS failure_snapshots,
     (SELECT count(*)::int FROM session_anchors a WHERE a.project_id = $1) AS anchored_entities,
     (SELECT count(*)::int FROM anchors_due a WHERE a.project_id = $1) AS anchors_waiting,
     (SELECT count(*)::int FROM checkpoints_due d WHERE d.project_id = $1) AS checkpoints_due`,
);

export const checkpointStatisticsSchema = z.object({
  checkpointsCreated: z.int(),
  failureSnapshots: z.int(),
  /** Entities that hold an anchor. */
  anchoredEntities: z.int(),
  /** Checkpoints whose anchors could not be kept yet. */
  anchorsWaiting: z.int(),
  /** Automatic checkpoints that are still to be taken. */
  checkpointsDue: z.int(),
});
export type CheckpointStatistics = z.infer<typeof checkpointStatisticsSchema>;

export async function readStatistics(db: Executor, projectId: string): Promise<CheckpointStatistics> {
  const [row] = await db.query<CamelRow>(STATISTICS, [projectId]);
  return checkpointStatisticsSchema.parse(camelRow(row ?? {}));
}
