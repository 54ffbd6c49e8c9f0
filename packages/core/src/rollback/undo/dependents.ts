import type { WorkspaceChange } from '../../workspaces/index.ts';
import { type Composition, isText, mergeContents, type StepConflict } from './trees/index.ts';
import type { FileState } from './undo.ts';

/**
 * The later changes that a conflict is with: the first that nobody selected and with which the file could no longer be
 * merged. Where it could not before, because others that were selected stand between, the first after which it cannot.
 */
export async function dependentsOf(
  composition: Composition,
  conflict: StepConflict,
  changes: readonly WorkspaceChange[],
  chosen: ReadonlySet<string>,
): Promise<WorkspaceChange[]> {
  const later = changes
    .filter(
      (change) => change.position > conflict.position && !chosen.has(change.id) && touches(change, conflict.paths),
    )
    .sort((a, b) => a.position - b.position);
  const mergeable = (state: FileState | null) => mergesWith(composition, conflict, state);
  let fallback: WorkspaceChange | null = null;
  for (const change of later) {
    if (await mergeable(stateOf(change.afterMode, change.afterOid))) continue;
    if (await mergeable(stateOf(change.beforeMode, change.beforeOid))) return [change];
    fallback ??= change;
  }
  return fallback ? [fallback] : [];
}

function touches(change: WorkspaceChange, paths: readonly string[]): boolean {
  // A directory in the way conflicts with what lies in it.
  return paths.some((path) => [change.path, change.oldPath].some((own) => own === path || own?.startsWith(`${path}/`)));
}

async function mergesWith(composition: Composition, conflict: StepConflict, state: FileState | null): Promise<boolean> {
  const { base, theirs } = conflict;
  if (isSame(state, base) || isSame(state, theirs)) return true;
  if (!state || !base || !theirs || state.mode === '120000') return false;
  const contents = await Promise.all([base, state, theirs].map(({ oid }) => composition.read(oid)));
  if (!contents.every(isText)) return false;
  const [baseContent, content, theirsContent] = contents as [Buffer, Buffer, Buffer];
  return (await mergeContents(baseContent, content, theirsContent, null)).clean;
}

function isSame(a: FileState | null, b: FileState | null): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

function stateOf(mode: string | null, oid: string | null): FileState | null {
  return mode === null || oid === null ? null : { mode, oid };
}
