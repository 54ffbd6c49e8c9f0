import type { Transaction } from '../../platform/database/index.ts';
import type { SessionScope } from '../session-parts.ts';
import type { Anchor } from './anchor.ts';
import { anchorTable, noteAnchorFailure } from './anchor-store.ts';
import type { Checkpoint } from './checkpoint.ts';

/**
 * Keeps an anchor with each entity of a checkpoint (SES-102). Where the keeper fails, the checkpoint stands all the same: the
 * failure is noted and told, and upkeep tries again.
 * @returns whether it was kept.
 */
export async function keepAnchors(
  scope: Pick<SessionScope, 'anchors' | 'onAnchorFailure' | 'clock'>,
  tx: Transaction,
  projectId: string,
  checkpoint: Checkpoint,
  actors: readonly string[],
): Promise<boolean> {
  const { anchors = anchorTable, onAnchorFailure, clock } = scope;
  const anchor = anchorOf(checkpoint, actors);
  if (!anchor) return true;
  try {
    await tx.savepoint((inner) => anchors.keep(inner, projectId, checkpoint.refEntities, anchor));
    return true;
  } catch (error) {
    const { id: checkpointId, sessionId } = checkpoint;
    const text = error instanceof Error ? error.message : String(error);
    await noteAnchorFailure(tx, projectId, { checkpointId, sessionId, error: text, at: clock.now() });
    tx.afterCommit(() => onAnchorFailure?.(error, checkpoint));
    return false;
  }
}

function anchorOf({ id, sessionId, summary, createdAt }: Checkpoint, actors: readonly string[]): Anchor | null {
  if (!summary) return null;
  const { outcome, keyImpacts, perfDelta } = summary;
  return { sessionId, checkpointId: id, outcome, keyImpacts, actors: [...actors], timestamp: createdAt, perfDelta };
}
