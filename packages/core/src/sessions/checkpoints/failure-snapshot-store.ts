import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { type FailureSnapshot, failureSnapshotSchema } from './failure-snapshot.ts';

const INSERT = statement(
  'failures.insert',
  `INSERT INTO failure_snapshots (id, project_id, session_id, checkpoint_id, outcome, agent_ids, journal_seq, created_at)
   VALUES ($2, $1, $3, $4, $5, $6::jsonb, $7, $8::timestamptz)`,
);

export async function insertFailureSnapshot(
  tx: Transaction,
  projectId: string,
  snapshot: Omit<FailureSnapshot, 'projectId' | 'sequence'>,
): Promise<void> {
  const { id, sessionId, checkpointId, outcome, agentIds, journalSeq, createdAt } = snapshot;
  await tx.query(INSERT, [
    projectId,
    id,
    sessionId,
    checkpointId,
    outcome,
    JSON.stringify(agentIds),
    journalSeq,
    createdAt,
  ]);
}

const LIST = statement(
  'failures.list',
  `SELECT f.id, f.project_id, f.session_id, f.checkpoint_id, c.sequence, f.outcome, f.agent_ids,
     f.journal_seq::double precision AS journal_seq, f.created_at, count(*) OVER ()::int AS total
   FROM failure_snapshots f JOIN session_checkpoints c ON c.id = f.checkpoint_id
   WHERE f.project_id = $1 AND ($2::uuid IS NULL OR f.session_id = $2) AND ($3::uuid IS NULL OR f.id = $3)
   ORDER BY f.created_at DESC, f.id DESC LIMIT $4 OFFSET $5`,
);

/** The newest first; or the one with that id. */
export async function listFailureSnapshots(
  db: Executor,
  projectId: string,
  which: { sessionId?: string | undefined; id?: string | undefined; limit: number; offset: number },
): Promise<{ items: FailureSnapshot[]; total: number }> {
  const values = [projectId, which.sessionId ?? null, which.id ?? null, which.limit, which.offset];
  const rows = await db.query<CamelRow & { total: number }>(LIST, values);
  return { items: rows.map((row) => failureSnapshotSchema.parse(camelRow(row))), total: rows[0]?.total ?? 0 };
}
