import { SignalboxError } from '../../platform/errors/index.ts';
import type { WorkspaceCapture, WorkspaceChange } from '../../workspaces/index.ts';
import { lookUpSelection } from './look-up-selection.ts';
import { planUndo } from './plan-undo.ts';
import { sessionCommits } from './session-commits.ts';
import { Composition } from './trees/index.ts';
import type { UndoPlan } from './undo.ts';
import { chainOf, type UndoParts } from './undo-parts.ts';
import type { SettledUndoOptions, UndoSelection } from './undo-selection.ts';

/** A plan together with the store that holds its trees; whoever has it closes the composition. */
export interface PlannedTrees {
  plan: UndoPlan;
  composition: Composition;
}

/** With what it was made from. */
export interface PreparedUndo extends PlannedTrees {
  capture: WorkspaceCapture;
  changes: readonly WorkspaceChange[];
}

/**
 * Captures the workspace and plans an undo on it: all of a preview, and of an undo all before its first write.
 * @throws UNDO_DURING_OPERATION, and what {@link lookUpSelection} and {@link planUndo} throw
 */
export async function prepareUndo(
  parts: UndoParts,
  projectId: string,
  selection: UndoSelection,
  options: SettledUndoOptions,
): Promise<PreparedUndo> {
  const first = await lookUpSelection(parts, projectId, selection);
  const workspace = await parts.workspaces.get(projectId, first.selection.workspaceId);
  const chain = chainOf(parts, workspace);
  const capture = await chain.look();
  if (capture.operation !== null) {
    throw new SignalboxError('UNDO_DURING_OPERATION', { operation: capture.operation, workspaceId: workspace.id });
  }
  // Read again: the capture may have found what nobody had seen before.
  const { selection: resolved, changes } = await lookUpSelection(parts, projectId, selection);
  const composition = await Composition.open(parts.captures.of(workspace).gitDir);
  try {
    const plan = await planUndo({
      composition,
      capture,
      changes,
      selection: resolved,
      options,
      emptyDirectoriesAt: async (position) => (await chain.at(position))?.emptyDirectories ?? [],
    });
    plan.commits = await sessionCommits(workspace.path, chain, changes, plan);
    return { plan, capture, changes, composition };
  } catch (error) {
    await composition.close();
    throw error;
  }
}

/** Runs `work` on a prepared undo and gives back what it held. */
export async function withPreparedUndo<Result>(
  parts: UndoParts,
  projectId: string,
  selection: UndoSelection,
  options: SettledUndoOptions,
  work: (prepared: PreparedUndo) => Promise<Result>,
): Promise<Result> {
  const prepared = await prepareUndo(parts, projectId, selection, options);
  try {
    return await work(prepared);
  } finally {
    await prepared.composition.close();
  }
}
