import { SignalboxError } from '../../platform/errors/index.ts';
import type { Workspace } from '../../workspaces/index.ts';
import { type Applied, applyWrites, keepPlan, keptError, releasePlan, reportOf, UndoFailed } from './apply-undo.ts';
import { checkIndexClean, commitRestored } from './commit-undo.ts';
import { type PathWriter, type PlannedWrite, restorePlan } from './files/index.ts';
import { type PreparedUndo, withPreparedUndo } from './prepare-undo.ts';
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
  asCommit: boolean;
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
  const { projectId, id, requestedBy } = undo;
  const workspace = await parts.workspaces.get(projectId, undo.workspaceId);
  const options = undo.options as SettledUndoOptions;
  await chainOf(parts, workspace).exclusively(
    () =>
      withPreparedUndo(parts, projectId, undo.selection, options, async (prepared) => {
        checkPlan(prepared.plan, run.expectedPlan);
        if (run.asCommit) await checkIndexClean(workspace.path, prepared.plan);
        const writes = await keepPlan(parts, id, workspace, prepared);
        try {
          const applying = await begin(parts, undo, prepared, writes);
          // Cancelled at the last moment: nothing was written.
          if (!applying) return;
          const applied = await apply(parts, undo, workspace, prepared, writes);
          if (run.asCommit) applied.report.revertCommit = await commitRestored(workspace.path, prepared.plan, undo);
          await finish(parts, applying, applied, requestedBy);
        } finally {
          await releasePlan(parts, id, workspace);
        }
      }),
    { waitMs: parts.waitMs ?? 30_000, force: run.force },
  );
}

/** Stores the plan's writes before the first of them is made. Null when it was cancelled. */
async function begin(
  parts: UndoParts,
  { projectId, id, requestedBy }: Undo,
  { plan }: PreparedUndo,
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

async function apply(
  parts: UndoParts,
  undo: Undo,
  workspace: Workspace,
  { composition }: PreparedUndo,
  writes: readonly PlannedWrite[],
): Promise<Applied> {
  const writer: PathWriter = {
    root: workspace.path,
    undoId: undo.id,
    read: (oid) => composition.read(oid),
    ...(parts.beforeStep ? { beforeStep: parts.beforeStep } : {}),
  };
  const applied = await applyWrites(writer, writes);
  try {
    await parts.beforeStep?.('record', '');
    await chainOf(parts, workspace).recordUndo(
      undo.id,
      undo.requestedBy,
      writes.map(({ path }) => path),
    );
  } catch (error) {
    // An undo that is nobody's in the chain could not be undone itself.
    throw new UndoFailed(error, reportOf(await restorePlan(writer, writes)));
  }
  return applied;
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
