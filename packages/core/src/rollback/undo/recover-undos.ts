import { stat } from 'node:fs/promises';
import { SignalboxError } from '../../platform/errors/index.ts';
import { git, gitText, type Workspace } from '../../workspaces/index.ts';
import { releasePlan, reportOf, UndoFailed, undoReference } from './apply-undo.ts';
import { commitAfterCrash } from './commit-undo.ts';
import { type PathWriter, type PlannedWrite, restorePlan, surveyPlan } from './files/index.ts';
import type { ProcessMark } from './process-mark.ts';
import { fail, finish } from './run-undo.ts';
import { resumeSessions } from './session-pauses.ts';
import type { Undo } from './undo.ts';
import { chainOf, type UndoParts } from './undo-parts.ts';
import { getUndo, plannedWritesOf, undosWithPaused, unfinishedUndos } from './undo-store.ts';

/** After this long one that has not begun to write is given up, wherever its process was. */
const WAITS_AT_MOST_MS = 600_000;

/**
 * Ends what dead processes left of their undos, where their workspaces' private stores are: where all targets were written
 * the undo is completed, with its commit where one was asked for and can be made; else what had been written goes back, and what meanwhile is somebody else's is left alone and
 * named. Sessions that stood still for them run again. Safe to repeat. A living process renews its hold of the workspace, so that nobody takes its undo away.
 * Answers how many were ended.
 */
export async function recoverUndos(
  parts: UndoParts,
  own: ProcessMark,
  runsHere: (undoId: string) => boolean,
): Promise<number> {
  let ended = 0;
  for (const { undo, processId } of await unfinishedUndos(parts.database)) {
    if (runsHere(undo.id)) continue;
    try {
      const done =
        undo.status === 'applying' ? await recover(parts, undo) : await giveUp(parts, undo, own.isDead(processId));
      if (done) ended += 1;
    } catch (error) {
      // Held by a living process, or by somebody else: the next round looks again.
      if (!SignalboxError.is(error, 'WORKSPACE_BUSY')) parts.onError(error);
    }
  }
  await letRunAgain(parts, runsHere);
  return ended;
}

/** Sessions that stand still for undos which have ended: whoever was to let them run again is gone. */
async function letRunAgain(parts: UndoParts, runsHere: (undoId: string) => boolean): Promise<void> {
  for (const undo of await undosWithPaused(parts.database)) {
    if (runsHere(undo.id)) continue;
    await resumeSessions(parts, undo, 'signalbox').catch(parts.onError);
  }
}

/** One that had not begun to write. */
async function giveUp(parts: UndoParts, undo: Undo, dead: boolean): Promise<boolean> {
  const age = parts.clock.now().getTime() - Date.parse(undo.createdAt);
  if (!dead && age < WAITS_AT_MOST_MS) return false;
  await fail(parts, undo, new SignalboxError('UNDO_INTERRUPTED', { id: undo.id }), 'signalbox');
  return true;
}

async function recover(parts: UndoParts, stale: Undo): Promise<boolean> {
  const { projectId, id } = stale;
  const workspace = await parts.workspaces.get(projectId, stale.workspaceId);
  if (!(await isKeptHere(parts, id, workspace))) return false;
  const chain = chainOf(parts, workspace);
  return chain.exclusively(
    async () => {
      const undo = await getUndo(parts.database, projectId, id);
      if (undo?.status !== 'applying') return false;
      const writes = await plannedWritesOf(parts.database, projectId, id);
      const survey = await surveyPlan(workspace.path, writes);
      if (writes.filter(isFile).every((write) => survey.get(write) === 'target')) {
        await complete(parts, undo, workspace, writes);
      } else {
        const outcomes = await restorePlan(writerOf(parts, undo, workspace), writes);
        const interrupted = new SignalboxError('UNDO_INTERRUPTED', { id });
        await fail(parts, undo, new UndoFailed(interrupted, reportOf(outcomes)), 'signalbox');
      }
      await releasePlan(parts, id, workspace);
      return true;
    },
    { waitMs: 0, force: true },
  );
}

/** Ends one all of whose targets are written. Where its commit cannot be made it goes back, as it does while its process lives. */
async function complete(
  parts: UndoParts,
  undo: Undo,
  workspace: Workspace,
  writes: readonly PlannedWrite[],
): Promise<void> {
  await recordWrites(parts, undo, workspace, writes);
  const applied = reportOf(new Map(writes.map((write) => [write, 'written'])));
  if (undo.asCommit && undo.plan) {
    try {
      applied.report.revertCommit = await commitAfterCrash(workspace.path, undo.plan, undo);
    } catch (error) {
      const outcomes = await restorePlan(writerOf(parts, undo, workspace), writes);
      // The way back is the undo's as well, and nobody else's.
      await recordWrites(parts, undo, workspace, writes);
      return fail(parts, undo, new UndoFailed(error, reportOf(outcomes)), 'signalbox');
    }
  }
  await finish(parts, undo, applied, 'signalbox');
}

async function recordWrites(
  parts: UndoParts,
  undo: Undo,
  workspace: Workspace,
  writes: readonly PlannedWrite[],
): Promise<void> {
  const paths = writes.map(({ path }) => path);
  await chainOf(parts, workspace).recordUndo(undo.id, undo.requestedBy, paths);
}

/** Whether the contents of an undo stand in a store of this node: then its files do, too. */
async function isKeptHere(parts: UndoParts, undoId: string, workspace: Workspace): Promise<boolean> {
  const { gitDir } = parts.captures.of(workspace);
  const there = await stat(gitDir).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
  if (!there) return false;
  const found = await gitText(['for-each-ref', undoReference(undoId)], { cwd: gitDir, env: { GIT_DIR: gitDir } });
  return found !== '';
}

/** Directories follow their files: one that holds something else may stay, or be there already. */
function isFile({ expected, target }: PlannedWrite): boolean {
  return (expected?.oid ?? null) !== null || (target?.oid ?? null) !== null;
}

function writerOf(parts: UndoParts, undo: Undo, workspace: Workspace): PathWriter {
  const { gitDir } = parts.captures.of(workspace);
  const read = (oid: string) => git(['cat-file', 'blob', oid], { cwd: gitDir, env: { GIT_DIR: gitDir } });
  return { root: workspace.path, undoId: undo.id, read };
}
