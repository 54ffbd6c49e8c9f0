import { SignalboxError } from '../../platform/errors/index.ts';
import type { Workspace } from '../../workspaces/index.ts';
import { gitText } from '../../workspaces/index.ts';
import {
  missingDirectories,
  type PathWriter,
  type PlannedWrite,
  plannedWrites,
  restorePlan,
  type WriteOutcome,
  writePlan,
} from './files/index.ts';
import type { PlannedTrees } from './prepare-undo.ts';
import type { UndoReport } from './undo.ts';
import type { UndoParts } from './undo-parts.ts';

/** The reference that keeps an undo's contents in the private store while it is under way. */
export function undoReference(undoId: string): string {
  return `refs/undo/${undoId}`;
}

/** Plans the writes, and keeps in the private store all that they, and putting back, need. */
export async function keepPlan(
  parts: UndoParts,
  undoId: string,
  workspace: Workspace,
  { plan, composition }: PlannedTrees,
): Promise<PlannedWrite[]> {
  const writes = plannedWrites(plan, await missingDirectories(workspace.path, plan.paths));
  const { gitDir } = parts.captures.of(workspace);
  const old = composition.store.commit(plan.currentTree);
  const kept = composition.store.commit(plan.targetTree, [old]);
  composition.store.keep();
  await gitText(['update-ref', undoReference(undoId), kept], { cwd: gitDir, env: { GIT_DIR: gitDir } });
  return writes;
}

export async function releasePlan(parts: UndoParts, undoId: string, workspace: Workspace): Promise<void> {
  const { gitDir } = parts.captures.of(workspace);
  await gitText(['update-ref', '-d', undoReference(undoId)], { cwd: gitDir, env: { GIT_DIR: gitDir } });
}

export interface Applied {
  outcomes: Map<PlannedWrite, WriteOutcome>;
  report: UndoReport;
}

/** Thrown when writing failed: what it had written went back, as the report tells. */
export class UndoFailed extends Error {
  readonly applied: Applied;

  constructor(cause: unknown, applied: Applied) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'UndoFailed';
    this.applied = applied;
  }
}

/** Writes a plan; where that fails midway, puts back what was written. @throws UndoFailed */
export async function applyWrites(writer: PathWriter, writes: readonly PlannedWrite[]): Promise<Applied> {
  try {
    await writePlan(writer, writes);
  } catch (error) {
    const { beforeStep: _, ...plain } = writer;
    throw new UndoFailed(error, reportOf(await restorePlan(plain, writes)));
  }
  return reportOf(new Map(writes.map((write) => [write, 'written'])));
}

export function reportOf(outcomes: Map<PlannedWrite, WriteOutcome>): Applied {
  const count = (wanted: WriteOutcome) => [...outcomes.values()].filter((outcome) => outcome === wanted).length;
  const foreign = [...outcomes].filter(([, outcome]) => outcome === 'foreign').map(([{ path }]) => path);
  const report = { written: count('written'), restored: count('restored'), untouched: count('untouched') };
  return { outcomes, report: { ...report, foreign: foreign.sort(), revertCommit: null } };
}

/** The error that an undo keeps of what ended it. */
export function keptError(error: unknown): { code: string; message: string } {
  const cause = error instanceof UndoFailed ? error.cause : error;
  if (SignalboxError.is(cause)) return { code: cause.code, message: cause.message };
  return { code: 'UNDO_FAILED', message: cause instanceof Error ? cause.message : String(cause) };
}
