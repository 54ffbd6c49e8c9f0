import { type Executor, statement } from '../../platform/database/index.ts';
import type { JournalFact } from './journal-fact.ts';
import { type JournalOrigin, type SessionState, sessionStateSchema } from './session-state.ts';

// Payloads that say nothing to the state stay where they are; those over 64 KB are read only where they do.
const FACTS = statement(
  'journal.facts',
  `SELECT e.seq, e.type, e.attempt, e.state_transition ->> 'to' AS to_state, e.occurred_at, CASE e.type
     WHEN 'message' THEN jsonb_build_object('messageId', b.payload -> 'messageId')
     WHEN 'tool_call' THEN jsonb_build_object('callId', b.payload -> 'callId', 'tool', b.payload -> 'tool', 'messageId', b.payload -> 'messageId')
     WHEN 'tool_result' THEN jsonb_build_object('callId', b.payload -> 'callId', 'status', b.payload -> 'status')
     ELSE b.payload END AS payload
   FROM journal_events e CROSS JOIN LATERAL (SELECT CASE
     WHEN NOT e.type = ANY ($5::text[]) THEN NULL
     WHEN e.payload_digest IS NULL THEN e.payload
     ELSE (SELECT p.body::jsonb FROM journal_payloads p WHERE p.session_id = e.session_id AND p.digest = e.payload_digest)
     END AS payload) b
   WHERE e.project_id = $1 AND e.session_id = $2 AND e.seq > $3::bigint AND e.seq <= $4::bigint ORDER BY e.seq LIMIT $6`,
);

interface FactRow {
  seq: string;
  type: JournalFact['type'];
  attempt: number;
  to_state: JournalFact['toState'];
  occurred_at: Date;
  payload: unknown;
}

/** Facts behind `afterSeq` up to `toSeq`, in their order, `limit` at most. */
export async function readFacts(
  db: Executor,
  projectId: string,
  sessionId: string,
  range: { afterSeq: number; toSeq: number; types: readonly string[]; limit: number },
): Promise<JournalFact[]> {
  const values = [projectId, sessionId, range.afterSeq, range.toSeq, range.types, range.limit];
  const rows = await db.query<FactRow>(FACTS, values);
  return rows.map((row) => ({
    seq: Number(row.seq),
    type: row.type,
    attempt: row.attempt,
    toState: row.to_state,
    at: row.occurred_at.toISOString(),
    payload: row.payload,
  }));
}

const ORIGIN = statement(
  'journal.origin',
  'SELECT agent_ids, metadata, code_state FROM journal_origins WHERE project_id = $1 AND session_id = $2',
);

export async function readOrigin(db: Executor, projectId: string, sessionId: string): Promise<JournalOrigin> {
  const [row] = await db.query<{
    agent_ids: string[];
    metadata: JournalOrigin['metadata'];
    code_state: JournalOrigin['codeState'];
  }>(ORIGIN, [projectId, sessionId]);
  if (!row) return { agentIds: [], metadata: {}, codeState: 'working' };
  return { agentIds: row.agent_ids, metadata: row.metadata, codeState: row.code_state };
}

const INSERT_ORIGINS = statement(
  'journal.origins',
  `INSERT INTO journal_origins (session_id, project_id, agent_ids, metadata, code_state)
   SELECT o."sessionId", $1::uuid, o."agentIds", o.metadata, o."codeState"
   FROM jsonb_to_recordset($2::jsonb) AS o ("sessionId" uuid, "agentIds" jsonb, metadata jsonb, "codeState" text)`,
);

export async function insertOrigins(
  db: Executor,
  projectId: string,
  origins: readonly (JournalOrigin & { sessionId: string })[],
): Promise<void> {
  await db.query(INSERT_ORIGINS, [projectId, JSON.stringify(origins)]);
}

const NEAREST = statement(
  'journal.snapshot',
  `SELECT state FROM journal_snapshots WHERE project_id = $1 AND session_id = $2 AND seq <= $3::bigint ORDER BY seq DESC LIMIT 1`,
);

/** The latest state kept at or before that event. */
export async function nearestSnapshot(
  db: Executor,
  projectId: string,
  sessionId: string,
  seq: number,
): Promise<SessionState | null> {
  const [row] = await db.query<{ state: unknown }>(NEAREST, [projectId, sessionId, seq]);
  return row ? sessionStateSchema.parse(row.state) : null;
}

const KEEP = statement(
  'journal.keep_snapshots',
  `INSERT INTO journal_snapshots (session_id, seq, project_id, state)
   SELECT $2::uuid, (s ->> 'seq')::bigint, $1::uuid, s FROM jsonb_array_elements($3::jsonb) AS s
   WHERE EXISTS (SELECT FROM journal_heads h WHERE h.session_id = $2 AND h.project_id = $1)
   ON CONFLICT DO NOTHING`,
);

export async function keepSnapshots(
  db: Executor,
  projectId: string,
  sessionId: string,
  states: readonly SessionState[],
): Promise<void> {
  await db.query(KEEP, [projectId, sessionId, JSON.stringify(states)]);
}

const BEHIND = statement(
  'journal.snapshots_behind',
  `SELECT h.project_id, h.session_id, (h.last_seq / $1::bigint) * $1::bigint AS seq FROM journal_heads h
   WHERE h.last_seq >= $1::bigint AND NOT EXISTS (SELECT FROM journal_snapshots s
     WHERE s.session_id = h.session_id AND s.seq = (h.last_seq / $1::bigint) * $1::bigint)
   LIMIT $2`,
);

/** Journals whose last round place has no state kept, and that place. */
export async function findUnkept(
  db: Executor,
  every: number,
  limit: number,
): Promise<{ projectId: string; sessionId: string; seq: number }[]> {
  const rows = await db.query<{ project_id: string; session_id: string; seq: string }>(BEHIND, [every, limit]);
  return rows.map((row) => ({ projectId: row.project_id, sessionId: row.session_id, seq: Number(row.seq) }));
}
