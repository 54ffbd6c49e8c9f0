import type { Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Session } from './session.ts';
import type { SessionScope } from './session-parts.ts';
import { getSessions, type LockedSession, lockSessions } from './session-store.ts';
import { carryOut } from './session-write.ts';
import { checkStatusChange, type StatusChange } from './status-change.ts';

/** What an action may say of the session it expects; without a version whatever stands is acted on (design.md §9). */
export interface ActionOptions {
  version?: number | undefined;
}

/** Holds one live session. @throws SESSION_NOT_FOUND, OPTIMISTIC_LOCK when it is at another version. */
export async function holdSession(
  tx: Transaction,
  projectId: string,
  id: string,
  version?: number,
): Promise<LockedSession> {
  const session = (await lockSessions(tx, projectId, [id])).get(id);
  if (!session || session.deletedAt !== null) throw new SignalboxError('SESSION_NOT_FOUND', { id });
  checkVersion(session, version);
  return session;
}

/** @throws OPTIMISTIC_LOCK with both versions. */
export function checkVersion(session: Pick<Session, 'id' | 'version'>, version: number | undefined): void {
  if (version === undefined || version === session.version) return;
  throw new SignalboxError('OPTIMISTIC_LOCK', {
    noun: 'session',
    id: session.id,
    expected: session.version,
    received: version,
  });
}

/** Refuses what an expired session takes no more (SES-032). @throws SESSION_EXPIRED */
export function checkAlive(session: Pick<Session, 'id' | 'status' | 'expiresAt'>, now: Date): void {
  const over = session.expiresAt !== null && Date.parse(session.expiresAt) <= now.getTime();
  if (over || session.status === 'expired') throw new SignalboxError('SESSION_EXPIRED', { id: session.id });
}

/** The session as it stands now. @throws SESSION_NOT_FOUND */
export async function reread(tx: Transaction, projectId: string, id: string): Promise<Session> {
  const [session] = await getSessions(tx, projectId, [id], true);
  if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id });
  return session;
}

/**
 * Changes the status of one live session.
 * @param decide what to change it to, from the session as it is held.
 * @throws SESSION_NOT_FOUND, OPTIMISTIC_LOCK, INVALID_TRANSITION, SESSION_NOT_EXECUTABLE, SESSION_EXPIRED
 */
export async function changeStatus(
  scope: SessionScope,
  projectId: string,
  id: string,
  actor: string,
  verb: string,
  decide: (session: LockedSession, tx: Transaction) => StatusChange | Promise<StatusChange>,
  { version }: ActionOptions = {},
): Promise<Session> {
  return scope.write(async (tx) => {
    const before = await holdSession(tx, projectId, id, version);
    const status = await decide(before, tx);
    checkStatusChange(before, status);
    await carryOut(scope, tx, projectId, actor, [{ before, patch: {}, status, verb }]);
    return reread(tx, projectId, id);
  });
}
