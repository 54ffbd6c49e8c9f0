import type { Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { redact } from '../platform/redaction/index.ts';
import { insertHeads, updateExpiry, updateFence } from './journal-store.ts';
import type { JournalOrigin } from './state/session-state.ts';
import { insertOrigins } from './state/state-store.ts';

/** A journal to be opened. */
export interface NewJournal {
  sessionId: string;
  ttlSeconds: number | null;
  /** What it begins with; default: nobody and nothing. */
  origin?: JournalOrigin;
}

/**
 * Opens a new session's journal, in the transaction that creates the session.
 * @param options.ttlSeconds how long the session lives without events; null means without end (design.md §9).
 * @param options.at the instant from which the lifetime counts.
 */
export async function openJournal(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  options: { ttlSeconds: number | null; at: Date },
): Promise<void> {
  await openJournals(tx, projectId, [{ sessionId, ttlSeconds: options.ttlSeconds }], options.at);
}

/** {@link openJournal} for all sessions of a bulk, in a constant number of statements. */
export async function openJournals(
  tx: Transaction,
  projectId: string,
  journals: readonly NewJournal[],
  at: Date,
): Promise<void> {
  await insertHeads(tx, projectId, journals, at);
  const origins = journals.flatMap(({ sessionId, origin }) => {
    return origin && !isEmpty(origin) ? [{ sessionId, ...origin, metadata: redact(origin.metadata) }] : [];
  });
  if (origins.length > 0) await insertOrigins(tx, projectId, origins);
}

function isEmpty({ agentIds, metadata, codeState }: JournalOrigin): boolean {
  return agentIds.length === 0 && Object.keys(metadata).length === 0 && codeState === 'working';
}

/**
 * Says which claim may write with a token from now on; null: none. Whoever gives or takes a claim calls it in that
 * transaction. Appends are serialised with it on the journal's row, so once it has committed nothing that carries an
 * older token can commit any more (design.md §4).
 * @throws SESSION_NOT_FOUND
 */
export async function setFence(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  token: number | null,
): Promise<void> {
  if (!(await updateFence(tx, projectId, sessionId, token)))
    throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
}

/**
 * Sets when the session's lifetime ends: the grace period after a checkpoint or the last leave (SES-069, SES-104). Any
 * later event renews the full lifetime, unless it is appended with `resetTTL: false`.
 * @throws SESSION_NOT_FOUND
 */
export async function setExpiry(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  expiresAt: Date | null,
): Promise<void> {
  if (!(await updateExpiry(tx, projectId, sessionId, expiresAt))) {
    throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
  }
}
