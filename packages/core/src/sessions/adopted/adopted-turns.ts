import type { Transaction } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { reread } from '../held-sessions.ts';
import type { JsonObject, Session } from '../session.ts';
import { onTransaction, type SessionParts } from '../session-parts.ts';
import { isActive, type SessionStatus } from '../session-status.ts';
import { getSessions, type LockedSession, lockSessions } from '../session-store.ts';
import { carryOut } from '../session-write.ts';
import type { Sessions } from '../sessions.ts';
import { startOf } from '../start-session.ts';
import type { AdoptedEvent, AdoptedReport } from './adopted-event.ts';
import {
  type Conversation,
  getConversation,
  hearEvent,
  holdConversation,
  isWaiting,
  lockConversationOf,
  noteHeld,
  openQuestions,
  sessionOfEvent,
  turnTo,
} from './adopted-store.ts';
import { promptOf, titleOf } from './adopted-title.ts';

/** An hour would be too short for a turn that a person started; a day is the longest there is, in seconds. */
const LONGEST_TURN_SECONDS = 86_400;
/** With these somebody here has ended the work: what the agent still wants to do is refused until its person speaks. */
const ENDED_HERE: ReadonlySet<SessionStatus> = new Set(['stopped', 'cancelled', 'timeout', 'expired']);

/** Where an event belongs. */
export interface Turn {
  session: Session;
  /** As it is since this event. */
  conversation: Conversation;
  /** Whether the event was heard before. */
  repeated: boolean;
  /** Whether the session has begun with this event. */
  begun: boolean;
}

interface Parts extends SessionParts {
  sessions: Sessions;
}

/**
 * Which session an event belongs to, and how that session lives by events. A conversation has one session at a time:
 * *pending* until it is asked for something, *running* while the agent works, *paused* while people here are waited for,
 * over when the agent has answered. What is asked for after that makes the next one, a child of the first.
 */
export class AdoptedTurns {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Takes an event in; null where it says the end of something that nobody knows of. */
  async take(
    projectId: string,
    report: AdoptedReport,
    workspaceId: string | null,
    actor: string,
  ): Promise<Turn | null> {
    try {
      return await this.#take(projectId, report, workspaceId, actor, '');
    } catch (error) {
      if (!SignalboxError.is(error, 'SESSION_EXISTS')) throw error;
      // Its creator has another session of that title.
      return this.#take(projectId, report, workspaceId, actor, ` (${this.#parts.ids.secret(3)})`);
    }
  }

  #take(projectId: string, report: AdoptedReport, workspaceId: string | null, actor: string, suffix: string) {
    const { database, clock } = this.#parts;
    const { source, conversation: reference, eventId, event } = report;
    const name = { source, reference };
    return database.transaction(
      async (tx): Promise<Turn | null> => {
        await holdConversation(tx, projectId, name);
        const known = await getConversation(tx, projectId, name);
        const heard = await sessionOfEvent(tx, projectId, eventId);
        if (known && heard !== null)
          return { session: await reread(tx, projectId, heard), conversation: known, repeated: true, begun: false };
        const draft = { title: titleOf(source, report.directory, promptIn(event), suffix), workspaceId, actor };
        const found = await this.#sessionFor(tx, projectId, report, known, draft);
        if (found === null) return null;
        const at = clock.now();
        const closes = event.type === 'closed';
        const fresh = known?.sessionId !== found.id && found.current;
        const turned = fresh ? await turnTo(tx, projectId, name, found.id, at) : known;
        await hearEvent(tx, projectId, name, { eventId, sessionId: found.id, closes, at });
        const conversation = (await getConversation(tx, projectId, name)) ?? turned;
        if (!conversation) throw new SignalboxError('SESSION_NOT_FOUND', { id: found.id });
        return {
          session: await reread(tx, projectId, found.id),
          conversation,
          repeated: false,
          begun: found.begun,
        };
      },
      { retries: 3 },
    );
  }

  async #sessionFor(
    tx: Transaction,
    projectId: string,
    report: AdoptedReport,
    known: Conversation | null,
    draft: { title: string; workspaceId: string | null; actor: string },
  ): Promise<{ id: string; begun: boolean; current: boolean } | null> {
    const { event, late } = report;
    const held = known ? (await lockSessions(tx, projectId, [known.sessionId])).get(known.sessionId) : undefined;
    const current = held && held.deletedAt === null && isActive(held.status) ? held : null;
    if (current) {
      const begun = await this.#goesOn(tx, projectId, report, current, known as Conversation, draft);
      return { id: current.id, begun, current: true };
    }
    const works = event.type === 'prompt' || event.type === 'tool_before';
    const told = held && held.deletedAt === null;
    if (told && (!works || (event.type === 'tool_before' && !late && ENDED_HERE.has(held.status))))
      return { id: held.id, begun: false, current: false };
    if (event.type === 'closed' || event.type === 'turn_ended' || event.type === 'usage') return null;
    const start = works || event.type === 'tool_after';
    return { id: await this.#create(tx, projectId, report, known, draft, start), begun: start, current: true };
  }

  /** Starts what is asked for first, and lets go on what waited; answers whether it has begun. */
  async #goesOn(
    tx: Transaction,
    projectId: string,
    { source, event }: AdoptedReport,
    current: LockedSession,
    { waiting, heldCalls }: Conversation,
    { title, actor }: { title: string; actor: string },
  ): Promise<boolean> {
    const scope = onTransaction(this.#parts, tx);
    const asked = event.type === 'prompt';
    if (current.status === 'pending') {
      if (!asked && event.type !== 'tool_before' && event.type !== 'tool_after') return false;
      const patch = asked ? { title, initialPrompt: promptOf(source, event.text) } : {};
      await carryOut(scope, tx, projectId, actor, [
        { before: current, patch, status: startOf(current), verb: 'start' },
      ]);
      return true;
    }
    const over = asked || (event.type === 'tool_before' && heldCalls.length === 0);
    if (!waiting || !over) return false;
    if (current.status === 'paused') await this.#parts.sessions.within(tx).resume(projectId, current.id, actor);
    await noteHeld(tx, projectId, current.id, false, []);
    return false;
  }

  async #create(
    tx: Transaction,
    projectId: string,
    { source, conversation, event }: AdoptedReport,
    known: Conversation | null,
    { title, workspaceId, actor }: { title: string; workspaceId: string | null; actor: string },
    start: boolean,
  ): Promise<string> {
    const [root] = known ? await getSessions(tx, projectId, [known.rootId]) : [];
    const { id } = await this.#parts.sessions.within(tx).create(
      projectId,
      {
        title,
        initialPrompt: promptOf(source, promptIn(event)),
        workspaceId,
        limits: { maxDurationSeconds: LONGEST_TURN_SECONDS },
        parentId: root?.id ?? null,
        tags: [source],
        metadata: { adoptedFrom: source, conversation },
        start,
      },
      actor,
    );
    return id;
  }

  /** The agent has answered, or ends: so does its session, unless people here are still to answer it. */
  async end(
    projectId: string,
    sessionId: string,
    event: Extract<AdoptedEvent, { type: 'turn_ended' | 'closed' }>,
    actor: string,
  ): Promise<void> {
    await this.#parts.database.transaction(
      async (tx) => {
        const session = (await lockSessions(tx, projectId, [sessionId])).get(sessionId);
        if (!session || session.deletedAt !== null || !isActive(session.status)) return;
        const conversation = await lockConversationOf(tx, projectId, sessionId);
        const verbs = this.#parts.sessions.within(tx);
        const answered = conversation?.waiting === true && conversation.heldCalls.length === 0;
        if (event.type === 'closed' && !answered) {
          await verbs.cancel(projectId, sessionId, actor);
          return;
        }
        if (session.status === 'pending') return;
        const waits = event.type === 'turn_ended' && (await openQuestions(tx, projectId, sessionId)) > 0;
        if (waits) {
          if (session.status === 'running') await verbs.pause(projectId, sessionId, actor);
          await noteHeld(tx, projectId, sessionId, true, []);
          return;
        }
        if (session.status === 'paused') await verbs.resume(projectId, sessionId, actor);
        await noteHeld(tx, projectId, sessionId, false, []);
        if (event.type === 'turn_ended' && event.failure !== null) {
          const error = { name: 'AGENT_FAILED', message: event.failure.slice(0, 20_000) || 'it did not say why' };
          await verbs.fail(projectId, sessionId, { error }, actor);
          return;
        }
        const result: JsonObject = event.type === 'turn_ended' ? { message: event.message } : { reason: event.reason };
        await verbs.complete(projectId, sessionId, { result }, actor);
      },
      { retries: 3 },
    );
  }

  /** Whether the session stands paused because it waits for people. */
  async waits(projectId: string, sessionId: string): Promise<boolean> {
    return isWaiting(this.#parts.database, projectId, sessionId);
  }

  /** A call of the session waits for people: it stands paused meanwhile. */
  async hold(projectId: string, sessionId: string, callId: string, actor: string): Promise<void> {
    await this.#change(projectId, sessionId, async (tx, session, { waiting, heldCalls }) => {
      if (heldCalls.includes(callId)) return;
      const pauses = session.status === 'running';
      if (pauses) await this.#parts.sessions.within(tx).pause(projectId, sessionId, actor);
      await noteHeld(tx, projectId, sessionId, waiting || pauses, [...heldCalls, callId]);
    });
  }

  /** These calls wait no more; with the last one the session goes on. */
  async release(projectId: string, sessionId: string, callIds: readonly string[], actor: string): Promise<void> {
    await this.#change(projectId, sessionId, async (tx, session, { waiting, heldCalls }) => {
      const left = heldCalls.filter((callId) => !callIds.includes(callId));
      if (left.length === heldCalls.length) return;
      const goesOn = left.length === 0 && waiting;
      if (goesOn && session.status === 'paused')
        await this.#parts.sessions.within(tx).resume(projectId, sessionId, actor);
      await noteHeld(tx, projectId, sessionId, waiting && !goesOn, left);
    });
  }

  async #change(
    projectId: string,
    sessionId: string,
    work: (tx: Transaction, session: LockedSession, conversation: Conversation) => Promise<void>,
  ): Promise<void> {
    await this.#parts.database.transaction(
      async (tx) => {
        const session = (await lockSessions(tx, projectId, [sessionId])).get(sessionId);
        const conversation = await lockConversationOf(tx, projectId, sessionId);
        if (session && conversation && session.deletedAt === null && isActive(session.status))
          await work(tx, session, conversation);
      },
      { retries: 3 },
    );
  }
}

function promptIn(event: AdoptedEvent): string | null {
  return event.type === 'prompt' ? event.text : null;
}
