import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { recordFeed } from '../platform/feed/index.ts';
import { type Checkpoint, type CreateCheckpoint, createCheckpointSchema } from './checkpoint.ts';
import { getCheckpoints, insertCheckpoint } from './checkpoint-store.ts';
import { checkAlive } from './held-sessions.ts';
import type { SessionScope } from './session-parts.ts';
import { getSessions, sessionExists } from './session-store.ts';

export function checkpointVerbs(scope: SessionScope) {
  return {
    /**
     * ORC-145: appends the next checkpoint; n callers at once get n consecutive numbers. The session's version stays.
     * @throws SESSION_NOT_FOUND, SESSION_EXPIRED, VALIDATION_FAILED
     */
    async addCheckpoint(projectId: string, sessionId: string, input: CreateCheckpoint): Promise<Checkpoint> {
      const checkpoint = parseInput(createCheckpointSchema, input);
      return scope.write(async (tx) => {
        const [session] = await getSessions(tx, projectId, [sessionId]);
        if (session) checkAlive(session, scope.clock.now());
        const made = await insertCheckpoint(tx, projectId, sessionId, { ...checkpoint, id: scope.ids.uuid() });
        if (!made) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
        await recordFeed(tx, projectId, 'checkpoint', { sessionId, sequence: made.sequence });
        return made;
      });
    },

    /** By sequence. @throws SESSION_NOT_FOUND */
    async listCheckpoints(projectId: string, sessionId: string): Promise<Checkpoint[]> {
      const checkpoints = await getCheckpoints(scope.read, projectId, sessionId);
      if (!(await sessionExists(scope.read, projectId, sessionId))) {
        throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
      }
      return checkpoints;
    },

    /** @throws SESSION_NOT_FOUND, CHECKPOINT_NOT_FOUND */
    async getCheckpoint(projectId: string, sessionId: string, sequence: number): Promise<Checkpoint> {
      const [checkpoint] = await getCheckpoints(scope.read, projectId, sessionId, sequence);
      if (!(await sessionExists(scope.read, projectId, sessionId))) {
        throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
      }
      if (!checkpoint) throw new SignalboxError('CHECKPOINT_NOT_FOUND', { id: sessionId, sequence });
      return checkpoint;
    },
  };
}
