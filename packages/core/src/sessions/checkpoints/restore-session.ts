import { z } from 'zod';
import {
  appendInTransaction,
  factOf,
  foldFacts,
  type JournalEvent,
  type JournalOrigin,
  type SessionState,
  stateAtOrigin,
} from '../../journal/index.ts';
import type { Transaction } from '../../platform/database/index.ts';
import { parseInput } from '../../platform/errors/index.ts';
import { uuidSchema } from '../../platform/ids/ids.ts';
import { createWithOrigin } from '../create-session.ts';
import { reread } from '../held-sessions.ts';
import type { CreateSession, JsonObject, Session } from '../session.ts';
import type { SessionScope } from '../session-parts.ts';
import { forgetDue } from './checkpoint-store.ts';

export const restoreSessionSchema = z.strictObject({
  /** Of the new session; else one is made. */
  id: uuidSchema.optional(),
  title: z.string().trim().min(1).max(200).optional(),
});
export type RestoreSession = z.input<typeof restoreSessionSchema>;

/** Where a restored session comes from; stands in its metadata under `restoredFrom`. */
export type RestoredFrom = { sessionId: string; seq: number } & ({ checkpoint: number } | { recordingId: string });

export interface RestoreSource {
  from: RestoredFrom;
  /** How the journal began, and its events, whole. They are numbered from 1 anew. */
  origin: JournalOrigin;
  events: AsyncIterable<JournalEvent>;
  /** What else the new session is made with. */
  fields: Pick<CreateSession, 'initialPrompt'> & Partial<CreateSession>;
  title: string;
}

const APPENDED_AT_ONCE = 200;

/**
 * Makes a session that stands where another one stood: a journal that says the same, its code state, members and metadata, and a
 * mark of where it comes from (REPLAY-042). It is pending; nothing runs.
 * @throws SESSION_EXISTS, VALIDATION_FAILED, UNKNOWN_FIELD
 */
export async function restoreSession(
  scope: SessionScope,
  projectId: string,
  source: RestoreSource,
  input: RestoreSession,
  actor: string,
): Promise<Session> {
  const { id: given, title } = parseInput(restoreSessionSchema, input);
  const id = given ?? scope.ids.uuid();
  const events: JournalEvent[] = [];
  for await (const event of source.events) events.push(event);
  const state = foldFacts(stateAtOrigin(id, source.origin), events.map(factOf));
  const restoredFrom: JsonObject = { ...source.from };
  return scope.write(async (tx) => {
    const fields = { ...source.fields, id, title: title ?? source.title };
    const stands = { agentIds: state.agentIds, metadata: { ...state.metadata, restoredFrom } };
    await createWithOrigin(scope, tx, projectId, { ...fields, ...stands }, source.origin, actor);
    await copyEvents(scope, tx, projectId, id, events);
    await mark(scope, tx, projectId, id, state, restoredFrom, actor);
    await forgetDue(tx, projectId, id);
    return reread(tx, projectId, id);
  });
}

async function copyEvents(
  scope: SessionScope,
  tx: Transaction,
  projectId: string,
  id: string,
  events: readonly JournalEvent[],
): Promise<void> {
  for (let at = 0; at < events.length; at += APPENDED_AT_ONCE) {
    const page = events.slice(at, at + APPENDED_AT_ONCE).map((event) => {
      const { type, actor, changeInfo, stateTransition, impact, payload, occurredAt } = event;
      return { type, actor, changeInfo, stateTransition, impact, payload, occurredAt };
    });
    await appendInTransaction(tx, projectId, id, page, { at: scope.clock.now(), ids: scope.ids, resetTTL: false });
  }
}

/** The journal says, too, that it was restored: its last event leads to what stands in the session's row. */
async function mark(
  scope: SessionScope,
  tx: Transaction,
  projectId: string,
  id: string,
  state: SessionState,
  restoredFrom: JsonObject,
  actor: string,
): Promise<void> {
  const metadata = { set: { restoredFrom }, unset: [] };
  const payload = { phase: 'restored', from: state.status, to: 'pending', metadata };
  const events = [{ type: 'status' as const, actor, payload }];
  await appendInTransaction(tx, projectId, id, events, { at: scope.clock.now(), ids: scope.ids, resetTTL: false });
}
