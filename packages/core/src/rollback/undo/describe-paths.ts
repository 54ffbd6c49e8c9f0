import { git } from '../../workspaces/index.ts';
import { type Composition, type PathEdit, treeEdits, type UndoStep } from './trees/index.ts';
import type { FileState, UndoConflict, UndonePath } from './undo.ts';

/** Longest unified diff that is shown of a path, in characters. */
const DIFF_LIMIT = 200_000;

export type ChangedPath = Pick<PathEdit, 'path' | 'before' | 'after'>;

/** What is done with each path that was selected, or that the merge moved along with one. */
export async function describePaths(
  composition: Composition,
  current: string,
  target: string,
  steps: readonly UndoStep[],
  conflicts: readonly UndoConflict[],
): Promise<{ paths: UndonePath[]; changed: ChangedPath[] }> {
  const changed = await treeEdits(composition.cache, current, target);
  const changes = new Map(changed.map((edit) => [edit.path, edit]));
  // Newest first, so the last that is seen of a path is its oldest.
  const oldest = new Map<string, FileState | null>();
  const changeIds = new Map<string, Set<string>>();
  for (const { path, before, changeId } of steps.flatMap(({ edits }) => edits)) {
    oldest.set(path, before);
    changeIds.set(path, (changeIds.get(path) ?? new Set()).add(changeId));
  }
  const involved = conflicts.flatMap(({ paths }) => paths);
  const open = new Set(conflicts.filter(({ answer }) => answer === null).flatMap(({ paths }) => paths));
  const answered = new Set(involved);
  const facts = await patches(composition, current, target);
  const paths: UndonePath[] = [];
  for (const path of [...new Set([...oldest.keys(), ...changes.keys(), ...involved])].sort()) {
    const edit = changes.get(path);
    const stands = edit ? edit.before : ((await composition.cache.find(current, path)) ?? null);
    const comes = edit ? edit.after : stands;
    const before = oldest.get(path);
    const outcome = open.has(path)
      ? 'conflict'
      : !edit
        ? answered.has(path)
          ? 'kept'
          : 'unchanged'
        : before !== undefined && alike(before, comes)
          ? 'restored'
          : 'merged';
    const shown = facts.get(path) ?? { binary: false, additions: 0, deletions: 0, diff: null };
    const ids = [...(changeIds.get(path) ?? [])];
    paths.push({ path, outcome, current: asFile(stands), target: asFile(comes), ...shown, changeIds: ids });
  }
  return { paths, changed };
}

type Shown = Pick<UndonePath, 'binary' | 'additions' | 'deletions' | 'diff'>;

/** Unified diffs and counts between two trees, by path. */
async function patches(composition: Composition, before: string, after: string): Promise<Map<string, Shown>> {
  const shown = new Map<string, Shown>();
  if (before === after) return shown;
  const command = ['diff-tree', '-r', '--no-renames', '--no-ext-diff', '--no-textconv', '--full-index'];
  const [numbers, patch] = await Promise.all([
    git([...command, '-z', '--numstat', before, after], composition.store.call),
    git([...command, '-p', '--no-color', '--src-prefix=a/', '--dst-prefix=b/', before, after], composition.store.call),
  ]);
  // Both come in the same order; a line of content always starts with a sign.
  const text = patch.toString('utf8');
  const diffs = text.split(/^(?=diff --git )/m).filter((part) => part.startsWith('diff --git '));
  const lines = numbers.toString('utf8').split('\0').slice(0, -1);
  for (const [index, line] of lines.entries()) {
    const [added, deleted, ...rest] = line.split('\t');
    const binary = added === '-';
    const diff = diffs[index] ?? null;
    shown.set(rest.join('\t'), {
      binary,
      additions: binary ? 0 : Number(added),
      deletions: binary ? 0 : Number(deleted),
      diff: binary || diff === null || diff.length > DIFF_LIMIT ? null : diff,
    });
  }
  return shown;
}

function alike(a: FileState | null, b: FileState | null): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

/** A directory is no file: where one stands, the path has none. */
function asFile(state: FileState | null): FileState | null {
  return state && state.mode !== '40000' ? { mode: state.mode, oid: state.oid } : null;
}
