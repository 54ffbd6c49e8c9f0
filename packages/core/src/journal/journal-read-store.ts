import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import type { CodeState, JournalEvent, JournalEventType } from './journal-event.ts';

/** What the store reads by; every bound is exclusive, null means open. */
export interface EventRange {
  afterSeq: number;
  beforeSeq: number | null;
  types: readonly JournalEventType[] | null;
  actor: string | null;
}

/** A session's journal as a whole. */
export interface JournalHead {
  /** Sequence number of the last event; 0 while it is empty. */
  lastSeq: number;
  /** First sequence number still held. */
  firstSeq: number;
  codeState: CodeState;
  fencingToken: number | null;
  lastEventAt: string | null;
  expiresAt: string | null;
}

const COLUMNS = `session_id, seq, event_id, type, actor, attempt, change_info, state_transition, impact, payload,
  encode(payload_digest, 'hex') AS payload_digest, payload_bytes, occurred_at, recorded_at`;
const WITHIN = `project_id = $1 AND session_id = $2 AND seq > $3::bigint AND seq < coalesce($4::bigint, 9223372036854775807)
  AND ($5::text[] IS NULL OR type = ANY ($5)) AND ($6::text IS NULL OR actor = $6)`;

const ascending = statement(
  'journal.read',
  `SELECT ${COLUMNS} FROM journal_events WHERE ${WITHIN} ORDER BY seq LIMIT $7`,
);
const descending = statement(
  'journal.read_back',
  `SELECT ${COLUMNS} FROM journal_events WHERE ${WITHIN} ORDER BY seq DESC LIMIT $7`,
);
const count = statement('journal.count', `SELECT count(*) AS total FROM journal_events WHERE ${WITHIN}`);

export async function readEvents(
  executor: Executor,
  projectId: string,
  sessionId: string,
  range: EventRange,
  order: 'asc' | 'desc',
  limit: number,
): Promise<JournalEvent[]> {
  const rows = await executor.query<CamelRow>(order === 'asc' ? ascending : descending, [
    ...values(projectId, sessionId, range),
    limit,
  ]);
  return rows.map((row) => ({ ...camelRow(row), seq: Number(row.seq) }) as JournalEvent);
}

export async function countEvents(
  executor: Executor,
  projectId: string,
  sessionId: string,
  range: EventRange,
): Promise<number> {
  const [row] = await executor.query<{ total: string }>(count, values(projectId, sessionId, range));
  return Number(row?.total);
}

function values(projectId: string, sessionId: string, range: EventRange): unknown[] {
  return [projectId, sessionId, range.afterSeq, range.beforeSeq, range.types, range.actor];
}

const head = statement(
  'journal.head',
  `SELECT last_seq, first_seq, code_state, fencing_token, last_event_at, expires_at FROM journal_heads
   WHERE project_id = $1 AND session_id = $2`,
);

export async function readHead(executor: Executor, projectId: string, sessionId: string): Promise<JournalHead | null> {
  const [row] = await executor.query<CamelRow>(head, [projectId, sessionId]);
  if (!row) return null;
  return {
    ...camelRow(row),
    lastSeq: Number(row.last_seq),
    firstSeq: Number(row.first_seq),
    fencingToken: row.fencing_token === null ? null : Number(row.fencing_token),
  } as JournalHead;
}

const WHOLE = `coalesce(e.payload, (SELECT p.body::jsonb FROM journal_payloads p
  WHERE p.session_id = e.session_id AND p.digest = e.payload_digest))`;
const OF_CALL = `FROM journal_events e CROSS JOIN LATERAL (SELECT ${WHOLE} AS payload) x
  WHERE e.project_id = $1 AND e.session_id = $2 AND e.attempt < $4 AND x.payload ->> 'callId' = $3`;

const earlierCall = statement(
  'journal.earlier_call',
  `SELECT r.payload AS result, c.payload AS call FROM
     (SELECT x.payload, e.seq ${OF_CALL} AND e.type = 'tool_result' AND x.payload ->> 'status' IS DISTINCT FROM 'unknown'
      ORDER BY e.seq DESC LIMIT 1) r
   CROSS JOIN LATERAL (SELECT x.payload ${OF_CALL} AND e.type = 'tool_call' AND e.seq < r.seq ORDER BY e.seq DESC LIMIT 1) c`,
);

/** A tool call of an earlier attempt and what it came to, as journaled; null where the journal has no result of it. */
export async function readEarlierCall(
  executor: Executor,
  projectId: string,
  sessionId: string,
  { callId, beforeAttempt }: { callId: string; beforeAttempt: number },
): Promise<{ call: unknown; result: unknown } | null> {
  const values = [projectId, sessionId, callId, beforeAttempt];
  const [row] = await executor.query<{ call: unknown; result: unknown }>(earlierCall, values);
  return row ?? null;
}

const payload = statement(
  'journal.payload',
  `SELECT p.body FROM journal_payloads p JOIN journal_heads h ON h.session_id = p.session_id
   WHERE h.project_id = $1 AND p.session_id = $2 AND p.digest = $3::bytea`,
);

/** The JSON text of a payload that stands apart, or null. */
export async function readPayload(
  executor: Executor,
  projectId: string,
  sessionId: string,
  digest: string,
): Promise<string | null> {
  const [row] = await executor.query<{ body: string }>(payload, [projectId, sessionId, `\\x${digest}`]);
  return row?.body ?? null;
}
