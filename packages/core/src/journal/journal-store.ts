import { type Executor, statement } from '../platform/database/index.ts';
import type { PreparedEvent } from './prepare-events.ts';

/** One caller's append, as the batch statement takes it. */
export interface AppendCall {
  projectId: string;
  sessionId: string;
  events: readonly PreparedEvent[];
  /** Null for callers without a claim. */
  fencingToken: number | null;
  /** Null for the session's own attempt. */
  attempt: number | null;
  /** Whether the events renew the session's lifetime. */
  resetTtl: boolean;
  /** Whether checkpoints may come due by the events. */
  autoCheckpoint: boolean;
}

/** Codes the statement answers for a call that it refused. */
export type AppendProblem = 'SESSION_NOT_FOUND' | 'SESSION_EXPIRED' | 'CLAIM_LOST' | 'JOURNAL_CODE_STATE_COMPLETED';

/** What became of one call: a place per event of it, or the problem for which nothing of it was written. */
export type AppendVerdict = { problem: AppendProblem } | { places: { seq: number; duplicate: boolean }[] };

const append = statement(
  'journal.append',
  `SELECT * FROM sb_journal_append($1::uuid[], $2::uuid[], $3::bigint[], $4::integer[], $5::boolean[], $6::boolean[], $7::jsonb,
     $8::integer[], $9::integer[], $10::uuid[], $11::text[], $12::boolean[], $13::integer[], $14::bytea[], $15::text[], $16::timestamptz)`,
);

interface AppendRow {
  /** 1-based place of the call in the batch. */
  call: number;
  index: number | null;
  seq: string | null;
  duplicate: boolean;
  problem: AppendProblem | null;
}

/** Appends a whole batch in one statement; see `sb_journal_append`. An event id may occur once per session in it. */
export async function appendBatch(
  executor: Executor,
  calls: readonly AppendCall[],
  at: Date,
): Promise<AppendVerdict[]> {
  const transitions: [number, number, string, string, boolean][] = [];
  const bodies: [number, string, string][] = [];
  const events: string[] = [];
  for (const [c, call] of calls.entries()) {
    for (const [i, event] of call.events.entries()) {
      events.push(`{"c":${c + 1},"i":${i},${event.json}`);
      if (event.transition) transitions.push([c + 1, i, event.eventId, event.transition.to, event.transition.reopen]);
      if (event.body) bodies.push([c + 1, `\\x${event.body.digest}`, event.body.text]);
    }
  }
  const rows = await executor.query<AppendRow>(append, [
    calls.map((call) => call.projectId),
    calls.map((call) => call.sessionId),
    calls.map((call) => call.fencingToken),
    calls.map((call) => call.attempt),
    calls.map((call) => call.resetTtl),
    calls.map((call) => call.autoCheckpoint),
    `[${events.join(',')}]`,
    ...columns(transitions, 5),
    ...columns(bodies, 3),
    at.toISOString(),
  ]);
  const verdicts: AppendVerdict[] = calls.map(() => ({ places: [] }));
  for (const { call, index, seq, duplicate, problem } of rows) {
    const verdict = verdicts[call - 1];
    if (problem) verdicts[call - 1] = { problem };
    else if (verdict && 'places' in verdict) verdict.places[Number(index)] = { seq: Number(seq), duplicate };
  }
  return verdicts;
}

function columns(rows: readonly (readonly unknown[])[], width: number): unknown[][] {
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column]));
}

const open = statement(
  'journal.open',
  `INSERT INTO journal_heads (session_id, project_id, expires_at, code_state)
   SELECT j.session_id, $1::uuid, $4::timestamptz + make_interval(secs => j.ttl), j.code_state
   FROM unnest($2::uuid[], $3::integer[], $5::text[]) AS j (session_id, ttl, code_state)`,
);

export async function insertHeads(
  executor: Executor,
  projectId: string,
  heads: readonly { sessionId: string; ttlSeconds: number | null; origin?: { codeState: string } }[],
  at: Date,
): Promise<void> {
  const sessions = heads.map((head) => head.sessionId);
  const ttls = heads.map((head) => head.ttlSeconds);
  const states = heads.map((head) => head.origin?.codeState ?? 'working');
  await executor.query(open, [projectId, sessions, ttls, at.toISOString(), states]);
}

const fence = statement(
  'journal.fence',
  `UPDATE journal_heads SET fencing_token = $3::bigint WHERE project_id = $1 AND session_id = $2 RETURNING session_id`,
);

/** Answers whether there is such a journal. */
export async function updateFence(
  executor: Executor,
  projectId: string,
  sessionId: string,
  token: number | null,
): Promise<boolean> {
  return (await executor.query(fence, [projectId, sessionId, token])).length > 0;
}

const expire = statement(
  'journal.expire',
  `UPDATE journal_heads SET expires_at = $3::timestamptz WHERE project_id = $1 AND session_id = $2 RETURNING session_id`,
);

/** Answers whether there is such a journal. */
export async function updateExpiry(
  executor: Executor,
  projectId: string,
  sessionId: string,
  expiresAt: Date | null,
): Promise<boolean> {
  return (await executor.query(expire, [projectId, sessionId, expiresAt?.toISOString() ?? null])).length > 0;
}
