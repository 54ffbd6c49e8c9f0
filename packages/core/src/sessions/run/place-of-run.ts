import type { Claim } from '../../tasks/index.ts';
import type { Workspace } from '../../workspaces/index.ts';
import { holdSession } from '../held-sessions.ts';
import type { Session } from '../session.ts';
import { onTransaction } from '../session-parts.ts';
import { carryOut } from '../session-write.ts';
import type { RunnerParts } from './runner-parts.ts';

/**
 * The workspace in whose directory a run works: the session's, or that of its own work tree, which is made if there is none.
 * @throws WORKSPACE_NOT_FOUND, and what `WorkTrees.ensure` does
 */
export async function placeOfRun(parts: RunnerParts, claim: Claim, session: Session): Promise<Workspace> {
  const { projectId, agent } = claim;
  const workspaceId = session.workspaceId ?? '';
  if (session.isolation === 'shared') return parts.workspaces.get(projectId, workspaceId);
  return parts.workTrees.ensure({ id: session.id, projectId, workspaceId }, agent, async (tx, treeWorkspaceId) => {
    const before = await holdSession(tx, projectId, session.id);
    await carryOut(onTransaction(parts, tx), tx, projectId, agent, [
      { before, patch: { treeWorkspaceId }, verb: 'isolate' },
    ]);
  });
}

/** After the end of a run: its work tree goes where nothing is in it. A failure costs nothing but room until it is tried again. */
export async function settlePlace({ workTrees, logger }: RunnerParts, session: Session): Promise<void> {
  if (session.isolation === 'shared') return;
  try {
    await workTrees.settle(session.projectId, session.id);
  } catch (error) {
    logger.warn({ err: error, sessionId: session.id }, 'the work tree of an ended session could not be settled');
  }
}
