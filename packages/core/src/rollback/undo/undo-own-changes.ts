import { SignalboxError } from '../../platform/errors/index.ts';
import type { Sessions, UndoOwnChanges } from '../../sessions/index.ts';
import type { Undos } from './undos.ts';

/**
 * What a session takes back before it goes on from one of its checkpoints: its own changes since, and nobody else's. Changes
 * behind the capture that the checkpoint names, or, where it names none, those since it was taken.
 */
export function ownChangesUndone(undos: () => Undos, sessions: () => Pick<Sessions, 'getCheckpoint'>): UndoOwnChanges {
  return {
    undoSince: async (projectId, { sessionId, sequence }, actor) => {
      const { capture } = await sessions().getCheckpoint(projectId, sessionId, sequence);
      const since =
        capture?.position == null
          ? { sinceCheckpoint: { sessionId, sequence } }
          : { workspaceId: capture.workspaceId, after: capture.position };
      try {
        const selection = { sessionIds: [sessionId], ...since };
        const { id } = await undos().create(projectId, { selection }, actor);
        const { status, error } = await undos().finished(projectId, id);
        if (status === 'completed') return { undoId: id };
        throw new SignalboxError('CHECKPOINT_UNDO_FAILED', {
          id: sessionId,
          undoId: id,
          reason: error?.message ?? status,
        });
      } catch (error) {
        if (SignalboxError.is(error, 'UNDO_NOTHING_SELECTED')) return { undoId: null };
        throw error;
      }
    },
  };
}
