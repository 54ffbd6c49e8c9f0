import { SignalboxError } from '../../platform/errors/index.ts';
import type { Workspace } from '../../workspaces/index.ts';
import { type Applied, applyWrites, keepPlan, keptError, releasePlan, reportOf, UndoFailed } from './apply-undo.ts';
import { checkIndexClean, commitRestored } from './commit-undo.ts';
import { type PathWriter, type PlannedWrite, restorePlan } from './files/index.ts';
import { type PlannedTrees, withPreparedUndo } from './prepare-undo.ts';
import { concernedSessions, tellSessions } from './tell-sessions.ts';
import type { Undo, UndoPlan } from './undo.ts';
import { chainOf, type UndoParts } from './undo-parts.ts';
import { recordUndoStep, withoutContents } from './undo-records.ts';
import type { SettledUndoOptions } from './undo-selection.ts';
import { insertWrites, moveUndo, writeOutcomes } from './undo-store.ts';

/** How an undo is to be carried out. */
export interface UndoRun {
  expectedPlan: string | null;
  force: boolean;
}

/** @throws UNDO_CONFLICT, UNDO_PLAN_CHANGED */
export function checkPlan(plan: UndoPlan, expectedPlan: string | null): void {
  if (expectedPlan !== null && plan.digest !== expectedPlan) {
    throw new SignalboxError('UNDO_PLAN_CHANGED', { expected: expectedPlan, digest: plan.digest });
  }
  const open = plan.conflicts.filter(({ answer }) => answer === null);
  if (open.length === 0) return;
  const conflicts = open.map(({ path, kind, position, dependents }) => ({ path, kind, position, dependents }));
  throw new SignalboxError('UNDO_CONFLICT', { count: open.length, paths: open.map(({ path }) => path), conflicts });
}

/** Carries out an undo that stands `waiting`, while nobody else's tool call writes. Answers it as it ended. */
export async function runUndo(parts: UndoParts, undo: Undo, run: UndoRun): Promise<void> {
  const { projectId } = undo;
  const workspace = await parts.workspaces.get(projectId, undo.workspaceId);
  const options = undo.options as SettledUndoOptions;
  await chainOf(parts, workspace).exclusively(
    () =>
      withPreparedUndo(parts, projectId, undo.selection, options, async (prepared) => {
        checkPlan(prepared.plan, run.expectedPlan);
        if (undo.asCommit) await checkIndexClean(workspace.path, prepared.plan);
        await carryOut(parts, undo, workspace, prepared, async ({ report }) => {
          if (!undo.asCommit) return;
          await parts.beforeStep?.('commit', '');
          report.revertCommit = await commitRestored(workspace.path, prepared.plan, undo);
        });
      }),
    { waitMs: parts.waitMs ?? WAIT_MS, force: run.force },
  );
}

/** How long running tool calls are waited for, in milliseconds. */
export const WAIT_MS = 30_000;

/**
 * Writes what was planned and ends the undo. The files must be had alone.
 * @param written called once all is written, and before that is stored; where it throws, all goes back
 */
export async function carryOut(
  parts: UndoParts,
  undo: Undo,
  workspace: Workspace,
  planned: PlannedTrees,
  written: (applied: Applied) => void | Promise<void> = () => undefined,
): Promise<void> {
  const writes = await keepPlan(parts, undo.id, workspace, planned);
  try {
    const applying = await begin(parts, undo, planned, writes);
    // Cancelled at the last moment: nothing was written.
    if (!applying) return;
    const writing: Writing = { undo, workspace, planned, writes };
    const applied = await apply(parts, writing);
    await orGoBack(parts, writing, () => written(applied));
    await finish(parts, applying, applied, undo.requestedBy);
  } finally {
    await releasePlan(parts, undo.id, workspace);
  }
}

/** Stores the plan's writes before the first of them is made. Null when it was cancelled. */
async function begin(
  parts: UndoParts,
  { projectId, id, requestedBy }: Undo,
  { plan }: PlannedTrees,
  writes: readonly PlannedWrite[],
): Promise<Undo | null> {
  return parts.database.transaction(async (tx) => {
    const at = parts.clock.now();
    const move = { to: 'applying' as const, from: ['waiting'] as const, at, plan: withoutContents(plan) };
    const applying = await moveUndo(tx, projectId, id, move);
    if (!applying) return null;
    await insertWrites(tx, projectId, id, writes);
    await recordUndoStep(tx, parts, applying, 'apply', requestedBy);
    return applying;
  });
}

/** What is written, for which undo, and where. */
interface Writing {
  undo: Undo;
  workspace: Workspace;
  planned: PlannedTrees;
  writes: readonly PlannedWrite[];
}

async function apply(parts: UndoParts, writing: Writing): Promise<Applied> {
  const { beforeStep } = parts;
  const writer = writerOf(writing);
  const applied = await applyWrites(beforeStep ? { ...writer, beforeStep } : writer, writing.writes);
  try {
    await beforeStep?.('record', '');
    await record(parts, writing);
  } catch (error) {
    // An undo that is nobody's in the chain could not be undone itself.
    throw new UndoFailed(error, reportOf(await restorePlan(writer, writing.writes)));
  }
  return applied;
}

/** Where what belongs to the undo beside its writes cannot be done, they go back: it is carried out whole or not at all. */
async function orGoBack(parts: UndoParts, writing: Writing, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const outcomes = await restorePlan(writerOf(writing), writing.writes);
    // The way back is the undo's as well, and nobody else's.
    await record(parts, writing).catch(parts.onError);
    throw new UndoFailed(error, reportOf(outcomes));
  }
}

function writerOf({ undo, workspace, planned }: Writing): PathWriter {
  return { root: workspace.path, undoId: undo.id, read: (oid) => planned.composition.read(oid) };
}

async function record(parts: UndoParts, { undo, workspace, writes }: Writing): Promise<void> {
  const paths = writes.map(({ path }) => path);
  await chainOf(parts, workspace).recordUndo(undo.id, undo.requestedBy, paths);
}

/** Ends an undo all of whose targets are written. */
export async function finish(
  parts: UndoParts,
  undo: Undo,
  { outcomes, report }: Applied,
  actor: string,
): Promise<void> {
  const { projectId, id } = undo;
  const concerned = await concernedSessions(parts, projectId, undo);
  await parts.database.transaction(async (tx) => {
    // Journals are locked before an undo's row everywhere.
    await tellSessions(tx, parts, projectId, undo, concerned);
    const move = { to: 'completed' as const, from: ['applying'] as const, at: parts.clock.now(), report };
    const completed = await moveUndo(tx, projectId, id, move);
    if (!completed) throw new SignalboxError('UNDO_NOT_RUNNING', { id });
    await writeOutcomes(tx, projectId, id, outcomes);
    await recordUndoStep(tx, parts, completed, 'complete', actor);
  });
}

/** Ends an undo that did not come about; of one that had begun to write, with what went back. */
export async function fail(parts: UndoParts, undo: Undo, error: unknown, actor: string): Promise<void> {
  const { projectId, id } = undo;
  const applied = error instanceof UndoFailed ? error.applied : null;
  await parts.database.transaction(async (tx) => {
    const failed = await moveUndo(tx, projectId, id, {
      to: 'failed',
      from: ['planned', 'waiting', 'applying'],
      at: parts.clock.now(),
      error: keptError(error),
      ...(applied && { report: applied.report, restored: applied.report.foreign.length > 0 ? 'partial' : 'old' }),
    });
    // Cancelled meanwhile.
    if (!failed) return;
    if (applied) await writeOutcomes(tx, projectId, id, applied.outcomes);
    await recordUndoStep(tx, parts, failed, 'fail', actor);
  });
}
