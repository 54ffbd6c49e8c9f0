import type { Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Session } from './session.ts';
import type { SessionScope } from './session-parts.ts';
import { lockSessions } from './session-store.ts';
import { carryOut } from './session-write.ts';
import { checkStatusChange, hasRuntime, type StatusChange } from './status-change.ts';

/** What starting means: a session with a runtime is queued for an agent, any other begins at once (design.md §4). */
export function startOf(session: Pick<Session, 'runtime'>, run?: StatusChange['run']): StatusChange {
  if (!hasRuntime(session)) return { to: 'running', from: ['pending', 'queued'] };
  return { to: 'queued', from: ['pending'], ...(run && { run }) };
}

/** Starts sessions within the caller's transaction. @throws SESSION_NOT_FOUND, INVALID_TRANSITION, SESSION_NOT_EXECUTABLE */
export async function startHeld(
  scope: SessionScope,
  tx: Transaction,
  projectId: string,
  actor: string,
  ids: readonly string[],
  run?: StatusChange['run'],
): Promise<void> {
  const held = await lockSessions(tx, projectId, ids);
  const writes = ids.map((id) => {
    const before = held.get(id);
    if (!before) throw new SignalboxError('SESSION_NOT_FOUND', { id });
    const status = startOf(before, run);
    checkStatusChange(before, status);
    return { before, patch: {}, status, verb: 'start' };
  });
  await carryOut(scope, tx, projectId, actor, writes);
}
