import { SignalboxError } from '../../platform/errors/index.ts';
import { git, type Workspace } from '../../workspaces/index.ts';
import { releasePlan, reportOf, UndoFailed } from './apply-undo.ts';
import { type PathWriter, type PlannedWrite, restorePlan, surveyPlan } from './files/index.ts';
import { fail, finish } from './run-undo.ts';
import type { Undo } from './undo.ts';
import type { UndoParts } from './undo-parts.ts';
import { plannedWritesOf, unfinishedUndos } from './undo-store.ts';

/**
 * Ends what dead processes of this node left of their undos: where all targets were written the undo is completed; else
 * what they had written goes back, and what meanwhile is somebody else's is left alone and named. Safe to repeat.
 * @param alive whether a process still has its undo.
 */
export async function recoverUndos(
  parts: UndoParts,
  alive: (processId: string, undoId: string) => boolean,
): Promise<number> {
  let recovered = 0;
  for (const { undo, processId } of await unfinishedUndos(parts.database, parts.nodeId)) {
    if (alive(processId, undo.id)) continue;
    try {
      await recover(parts, undo);
      recovered += 1;
    } catch (error) {
      parts.onError(error);
    }
  }
  return recovered;
}

async function recover(parts: UndoParts, undo: Undo): Promise<void> {
  const { projectId, id } = undo;
  const interrupted = new SignalboxError('UNDO_INTERRUPTED', { id });
  if (undo.status !== 'applying') return fail(parts, undo, interrupted, 'signalbox');
  const workspace = await parts.workspaces.get(projectId, undo.workspaceId);
  const writes = await plannedWritesOf(parts.database, projectId, id);
  const survey = await surveyPlan(workspace.path, writes);
  const files = writes.filter(isFile);
  if (files.every((write) => survey.get(write) === 'target')) {
    await parts.chains(workspace).recordUndo(id, undo.requestedBy);
    await finish(parts, undo, reportOf(new Map(writes.map((write) => [write, 'written']))), 'signalbox');
  } else {
    const outcomes = await restorePlan(writerOf(parts, undo, workspace), writes);
    await fail(parts, undo, new UndoFailed(interrupted, reportOf(outcomes)), 'signalbox');
  }
  await releasePlan(parts, id, workspace);
}

/** Directories follow their files: one that holds something else may stay, or be there already. */
function isFile({ expected, target }: PlannedWrite): boolean {
  return (expected?.oid ?? target?.oid) !== undefined && (expected?.oid ?? target?.oid) !== null;
}

function writerOf(parts: UndoParts, undo: Undo, workspace: Workspace): PathWriter {
  const { gitDir } = parts.captures.of(workspace);
  const read = (oid: string) => git(['cat-file', 'blob', oid], { cwd: gitDir, env: { GIT_DIR: gitDir } });
  return { root: workspace.path, undoId: undo.id, read };
}
