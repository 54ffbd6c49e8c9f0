import { type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import type { FoundSession } from '../session-upkeep-store.ts';
import type { AdoptedSource } from './adopted-event.ts';

/** A conversation of an agent that somebody else started. */
export interface Conversation {
  sessionId: string;
  rootId: string;
  heldCalls: string[];
  waiting: boolean;
  toldPosition: number;
}

/** How a conversation is named. */
export interface ConversationName {
  source: AdoptedSource;
  reference: string;
}

const ALONE = statement(
  'adopted.alone',
  `SELECT pg_advisory_xact_lock(hashtext('signalbox.adopted'), hashtext($1::text || ' ' || $2 || ' ' || $3))`,
);

/** Its events take turns, also the first ones, when there is no row yet. */
export async function holdConversation(tx: Transaction, projectId: string, name: ConversationName): Promise<void> {
  await tx.query(ALONE, [projectId, name.source, name.reference]);
}

const COLUMNS = `c.session_id AS "sessionId", c.root_id AS "rootId", c.held_calls AS "heldCalls", c.waiting,
  c.told_position::double precision AS "toldPosition"`;

const GET = statement(
  'adopted.get',
  `SELECT ${COLUMNS} FROM adopted_conversations c WHERE c.project_id = $1 AND c.source = $2 AND c.reference = $3`,
);

export async function getConversation(
  db: Executor,
  projectId: string,
  { source, reference }: ConversationName,
): Promise<Conversation | null> {
  const [row] = await db.query<Conversation>(GET, [projectId, source, reference]);
  return row ?? null;
}

const PUT = statement(
  'adopted.put',
  `INSERT INTO adopted_conversations AS c (project_id, source, reference, session_id, root_id, heard_at)
   VALUES ($1, $2, $3, $4, $4, $5)
   ON CONFLICT (project_id, source, reference) DO UPDATE SET session_id = $4, held_calls = '{}', waiting = false,
     told_position = 0, heard_at = $5, closed_at = NULL
   RETURNING ${COLUMNS}`,
);

/** From now on its events go to this session; the first one is the root of all. */
export async function turnTo(
  tx: Transaction,
  projectId: string,
  { source, reference }: ConversationName,
  sessionId: string,
  at: Date,
): Promise<Conversation> {
  const [row] = await tx.query<Conversation>(PUT, [projectId, source, reference, sessionId, at]);
  return row as Conversation;
}

const HEAR = statement(
  'adopted.hear',
  `WITH event AS (
     INSERT INTO adopted_events (project_id, event_id, session_id, heard_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (project_id, event_id) DO NOTHING
   )
   UPDATE adopted_conversations c SET heard_at = $4, closed_at = CASE WHEN $7 THEN $4 END
   WHERE c.project_id = $1 AND c.source = $5 AND c.reference = $6`,
);

/** Notes that an event was heard, and where it went. */
export async function hearEvent(
  tx: Transaction,
  projectId: string,
  { source, reference }: ConversationName,
  event: { eventId: string; sessionId: string; closes: boolean; at: Date },
): Promise<void> {
  const { eventId, sessionId, closes, at } = event;
  await tx.query(HEAR, [projectId, eventId, sessionId, at, source, reference, closes]);
}

const HEARD = statement(
  'adopted.heard',
  'SELECT e.session_id AS "sessionId" FROM adopted_events e WHERE e.project_id = $1 AND e.event_id = $2',
);

/** The session that an event went to when it was heard before; null where it was not. */
export async function sessionOfEvent(db: Executor, projectId: string, eventId: string): Promise<string | null> {
  const [row] = await db.query<{ sessionId: string }>(HEARD, [projectId, eventId]);
  return row?.sessionId ?? null;
}

const HOLD = statement(
  'adopted.hold',
  `UPDATE adopted_conversations c SET waiting = $3, held_calls = $4::text[] WHERE c.project_id = $1 AND c.session_id = $2`,
);

/** Notes which calls wait for people, and whether the session stands paused for that. */
export async function noteHeld(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  waiting: boolean,
  heldCalls: readonly string[],
): Promise<void> {
  await tx.query(HOLD, [projectId, sessionId, waiting, heldCalls]);
}

const TOLD = statement(
  'adopted.told',
  `UPDATE adopted_conversations c SET told_position = greatest(c.told_position, $3)
   WHERE c.project_id = $1 AND c.session_id = $2`,
);

export async function noteTold(db: Executor, projectId: string, sessionId: string, position: number): Promise<void> {
  await db.query(TOLD, [projectId, sessionId, position]);
}

const WAITING = statement(
  'adopted.waiting',
  'SELECT c.waiting FROM adopted_conversations c WHERE c.project_id = $1 AND c.session_id = $2',
);

/** Whether a session stands paused because it waits for people. */
export async function isWaiting(db: Executor, projectId: string, sessionId: string): Promise<boolean> {
  const [row] = await db.query<{ waiting: boolean }>(WAITING, [projectId, sessionId]);
  return row?.waiting ?? false;
}

const ASKED = statement(
  'adopted.asked',
  `SELECT count(*)::integer AS open FROM approvals a WHERE a.project_id = $1 AND a.session_id = $2 AND a.status = 'pending'`,
);

/** How many questions about calls of a session people have not answered yet. */
export async function openQuestions(db: Executor, projectId: string, sessionId: string): Promise<number> {
  const [row] = await db.query<{ open: number }>(ASKED, [projectId, sessionId]);
  return row?.open ?? 0;
}

const SILENT = statement(
  'adopted.silent',
  `SELECT c.project_id AS "projectId", s.id FROM adopted_conversations c JOIN sessions s ON s.id = c.session_id
   WHERE c.closed_at IS NULL AND c.heard_at <= $1 AND NOT c.waiting AND s.deleted_at IS NULL
     AND s.status IN ('pending', 'running', 'degraded')
   ORDER BY s.id LIMIT $2`,
);

/** Sessions under way of conversations that nothing was heard of since then; in all projects. */
export async function silentSessions(db: Executor, since: Date, limit: number): Promise<FoundSession[]> {
  return db.query<FoundSession>(SILENT, [since, limit]);
}

const FORGET = statement('adopted.forget', 'DELETE FROM adopted_events e WHERE e.heard_at <= $1');

/** Forgets events heard before then. */
export async function forgetEvents(db: Executor, before: Date): Promise<void> {
  await db.query(FORGET, [before]);
}

const OF_SESSION = statement(
  'adopted.of_session',
  `SELECT ${COLUMNS} FROM adopted_conversations c WHERE c.project_id = $1 AND c.session_id = $2 FOR UPDATE`,
);

/** The conversation whose events go to this session now, held until the transaction ends. */
export async function lockConversationOf(
  tx: Transaction,
  projectId: string,
  sessionId: string,
): Promise<Conversation | null> {
  const [row] = await tx.query<Conversation>(OF_SESSION, [projectId, sessionId]);
  return row ?? null;
}
