import { SignalboxError } from '../../platform/errors/index.ts';
import type { SessionScope } from '../session-parts.ts';
import { sessionExists } from '../session-store.ts';
import { addCheckpoint } from './add-checkpoint.ts';
import type { Checkpoint, CreateCheckpoint } from './checkpoint.ts';
import { getCheckpoints } from './checkpoint-store.ts';

export function checkpointVerbs(scope: SessionScope) {
  return {
    /** As {@link addCheckpoint}. */
    addCheckpoint: (projectId: string, sessionId: string, input: CreateCheckpoint): Promise<Checkpoint> =>
      addCheckpoint(scope, projectId, sessionId, input),

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
