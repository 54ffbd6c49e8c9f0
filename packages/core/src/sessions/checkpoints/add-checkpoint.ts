import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import { checkAlive } from '../held-sessions.ts';
import type { SessionScope } from '../session-parts.ts';
import { getSessions } from '../session-store.ts';
import { type Checkpoint, type CreateCheckpoint, createCheckpointSchema } from './checkpoint.ts';
import { insertCheckpoint } from './checkpoint-store.ts';

/**
 * ORC-145: appends the next checkpoint; n callers at once get n consecutive numbers. The session's version stays.
 * @throws SESSION_NOT_FOUND, SESSION_EXPIRED, VALIDATION_FAILED
 */
export async function addCheckpoint(
  scope: SessionScope,
  projectId: string,
  sessionId: string,
  input: CreateCheckpoint,
): Promise<Checkpoint> {
  const checkpoint = parseInput(createCheckpointSchema, input);
  return scope.write(async (tx) => {
    const [session] = await getSessions(tx, projectId, [sessionId]);
    if (session) checkAlive(session, scope.clock.now());
    const made = await insertCheckpoint(tx, projectId, sessionId, { ...checkpoint, id: scope.ids.uuid() });
    if (!made) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
    await recordFeed(tx, projectId, 'checkpoint', { sessionId, sequence: made.sequence });
    return made;
  });
}
