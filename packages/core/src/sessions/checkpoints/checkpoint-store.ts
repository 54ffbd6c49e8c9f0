import { camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { type Checkpoint, checkpointSchema } from './checkpoint.ts';

const COLUMNS =
  'c.id, c.session_id, c.sequence, c.data, c.metadata, c.journal_seq::double precision AS journal_seq, c.created_at';

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
   INSERT INTO session_checkpoints AS c (id, project_id, session_id, sequence, data, metadata, journal_seq, created_at)
   SELECT $3, $1, n.session_id, n.checkpoint_count, $4::jsonb, $5::jsonb, coalesce(h.last_seq, 0),
     n.last_checkpoint_at
   FROM counted n LEFT JOIN journal_heads h ON h.session_id = n.session_id
   RETURNING ${COLUMNS}`,
);

/** Null when there is no such live session. */
export async function insertCheckpoint(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  checkpoint: { id: string; data: unknown; metadata: unknown },
): Promise<Checkpoint | null> {
  const { id, data, metadata } = checkpoint;
  const values = [projectId, sessionId, id, JSON.stringify(data), JSON.stringify(metadata)];
  const [row] = await tx.query<Record<string, unknown>>(ADD, values);
  return row ? toCheckpoint(row) : null;
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
  return (await db.query<Record<string, unknown>>(GET, [projectId, sessionId, sequence])).map(toCheckpoint);
}

function toCheckpoint(row: Record<string, unknown>): Checkpoint {
  return checkpointSchema.parse(camelRow(row));
}
