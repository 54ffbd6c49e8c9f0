import { systemClock } from '../platform/clock/clock.ts';
import type { Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { signalFeed } from '../platform/feed/index.ts';
import { type Ids, systemIds } from '../platform/ids/ids.ts';
import type { AppendEvent } from './journal-event.ts';
import { type AppendCall, type AppendVerdict, appendBatch } from './journal-store.ts';
import { type PreparedEvents, prepareEvents } from './prepare-events.ts';

/** Where an event stands in its journal. */
export interface AppendReceipt {
  seq: number;
  eventId: string;
  /** True when an event with this id was there already; `seq` is then the first one's. */
  duplicate: boolean;
}

export interface AppendOptions {
  /** The token of the claim under which the caller works. Left out by callers that hold none. */
  fencingToken?: number | null;
  /** The attempt to record; default the session's own. */
  attempt?: number | null;
  /** SES-018: false leaves the session's lifetime as it is. Default true. */
  resetTTL?: boolean;
  /** SES-018: with false no automatic checkpoint comes of these events; they are counted all the same. Default true. */
  autoCheckpoint?: boolean;
}

/** The events of one session, for {@link appendAllInTransaction}. */
export interface SessionEvents {
  sessionId: string;
  events: readonly AppendEvent[];
  options?: AppendOptions;
}

/**
 * Appends to one session's journal within the caller's transaction; the journal stays locked until it ends.
 * A transaction that touches several sessions uses {@link appendAllInTransaction}, which locks them in key order.
 *
 * @throws SESSION_NOT_FOUND, SESSION_EXPIRED, CLAIM_LOST, JOURNAL_CODE_STATE_COMPLETED, VALIDATION_FAILED, JOURNAL_EVENT_TOO_LARGE
 */
export async function appendInTransaction(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  events: readonly AppendEvent[],
  options: AppendOptions & { at?: Date; ids?: Ids } = {},
): Promise<AppendReceipt[]> {
  const { at, ids, ...rest } = options;
  const receipts = await appendAllInTransaction(tx, projectId, [{ sessionId, events, options: rest }], { at, ids });
  return receipts[0] ?? [];
}

/** {@link appendInTransaction} for several sessions in one statement. Throws the first problem; the caller rolls back. */
export async function appendAllInTransaction(
  tx: Transaction,
  projectId: string,
  sessions: readonly SessionEvents[],
  { at = systemClock.now(), ids = systemIds }: { at?: Date | undefined; ids?: Ids | undefined } = {},
): Promise<AppendReceipt[][]> {
  if (sessions.length === 0) return [];
  const appends = sessions.map(({ sessionId, events, options }) => {
    const prepared = prepareEvents(events, ids, at);
    return { sessionId, prepared, call: toCall(projectId, sessionId, prepared.events, options) };
  });
  const verdicts = await appendBatch(
    tx,
    appends.map(({ call }) => call),
    at,
  );
  tx.afterCommit(signalFeed);
  return appends.map(({ sessionId, prepared }, index) =>
    toReceipts(verdicts[index] ?? { places: [] }, sessionId, prepared),
  );
}

/** The form in which the store takes an append. */
export function toCall(
  projectId: string,
  sessionId: string,
  events: PreparedEvents['events'],
  options: AppendOptions = {},
): AppendCall {
  const { fencingToken = null, attempt = null, resetTTL = true, autoCheckpoint = true } = options;
  return { projectId, sessionId, events, fencingToken, attempt, resetTtl: resetTTL, autoCheckpoint };
}

/** A receipt for each event as it was given; a repeated id within one append is its own duplicate. @throws the problem */
export function toReceipts(verdict: AppendVerdict, sessionId: string, prepared: PreparedEvents): AppendReceipt[] {
  if ('problem' in verdict) throw new SignalboxError(verdict.problem, { id: sessionId });
  const answered = new Set<number>();
  return prepared.places.map((place) => {
    const stored = verdict.places[place];
    const event = prepared.events[place];
    if (!stored || !event)
      throw new SignalboxError('REPOSITORY_ERROR', { reason: 'an append answered too few events' });
    const repeated = answered.has(place);
    answered.add(place);
    return { seq: stored.seq, eventId: event.eventId, duplicate: stored.duplicate || repeated };
  });
}
