import { SignalboxError } from '../../platform/errors/index.ts';
import type { WorkspaceChange } from '../../workspaces/index.ts';
import { type Composition, hunksBetween, type PathEdit, takeBack, type UndoStep } from './trees/index.ts';
import type { FileState } from './undo.ts';
import type { UndoSelection } from './undo-selection.ts';

/** What is undone of a workspace's changes, one step for each interval of its chain, newest first. */
export async function undoSteps(
  composition: Composition,
  changes: readonly WorkspaceChange[],
  chosen: ReadonlySet<string>,
  selection: Pick<UndoSelection, 'hunks' | 'keepHunks'>,
): Promise<UndoStep[]> {
  const intervals = new Map<number, WorkspaceChange[]>();
  for (const change of changes) intervals.set(change.position, [...(intervals.get(change.position) ?? []), change]);
  const steps: UndoStep[] = [];
  for (const [position, all] of [...intervals].sort(([a], [b]) => b - a)) {
    const selected = all.filter(({ id }) => chosen.has(id));
    const [first] = selected;
    if (!first) continue;
    const edits: PathEdit[] = [];
    let whole = selected.length === all.length;
    for (const change of selected) {
      const part = await partialBefore(composition, change, selection);
      if (part) whole = false;
      edits.push(...editsOf(change, part));
    }
    steps.push({ position, beforeTree: first.beforeTree, afterTree: first.afterTree, whole, edits });
  }
  return steps;
}

/** A rename is a path that goes and one that comes. */
function editsOf(change: WorkspaceChange, part: FileState | null): PathEdit[] {
  const { id: changeId, path, oldPath } = change;
  const before = part ?? fileState(change.beforeMode, change.beforeOid);
  const after = fileState(change.afterMode, change.afterOid);
  if (oldPath === null) return [{ changeId, path, before, after }];
  if (part) return [{ changeId, path, before: part, after }];
  return [
    { changeId, path: oldPath, before, after: null },
    { changeId, path, before: null, after },
  ];
}

/** With only some hunks taken back; null where all are. @throws UNDO_NO_SUCH_HUNK */
async function partialBefore(
  composition: Composition,
  change: WorkspaceChange,
  { hunks = [], keepHunks = [] }: Pick<UndoSelection, 'hunks' | 'keepHunks'>,
): Promise<FileState | null> {
  const back = hunks.find(({ changeId }) => changeId === change.id)?.hunks;
  const kept = keepHunks.find(({ changeId }) => changeId === change.id)?.hunks;
  const asked = back ?? kept;
  if (!asked) return null;
  const { beforeOid, afterOid, afterMode } = change;
  const refuse = (reason: string) => new SignalboxError('UNDO_NO_SUCH_HUNK', { id: change.id, reason });
  if (beforeOid === null || afterOid === null || afterMode === null || change.binary) {
    throw refuse('it is no change within a text');
  }
  const all = await hunksBetween(composition.store, beforeOid, afterOid);
  const unknown = asked.find((number) => number > all.length);
  if (unknown !== undefined) throw refuse(`it has ${all.length} hunks and no number ${unknown}`);
  const taken = all.filter((_, index) => asked.includes(index + 1) === (back !== undefined));
  const [before, after] = await Promise.all([composition.read(beforeOid), composition.read(afterOid)]);
  return { mode: afterMode, oid: composition.store.write('blob', takeBack(before, after, taken)) };
}

function fileState(mode: string | null, oid: string | null): FileState | null {
  return mode === null || oid === null ? null : { mode, oid };
}
