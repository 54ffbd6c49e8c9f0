import type { CONFLICT_KINDS } from '../undo.ts';
import type { MergedTrees, MergeStage } from './merge-answer.ts';

export type ConflictKind = (typeof CONFLICT_KINDS)[number];

/** Paths that conflict together. */
export interface ConflictGroup {
  kind: ConflictKind;
  /** As the sides call them. */
  paths: string[];
  /** Names that git's merge invented to keep two things apart that want one name. */
  invented: string[];
  stages: MergeStage[];
}

/** The first that is found names the conflict: the later ones are what git says besides. */
const KINDS: readonly (readonly [RegExp, ConflictKind])[] = [
  [/rename\/rename|rename involved/, 'rename'],
  [/file\/directory/, 'directory_file'],
  [/modify\/delete|rename\/delete/, 'modify_delete'],
  [/distinct modes|distinct types|submodule/, 'mode'],
  [/binary/, 'binary'],
  [/contents/, 'content'],
  [/directory rename|dir rename/, 'directory_rename'],
];

/** Sorts what a merge left undecided into conflicts that can be answered one by one. */
export function groupConflicts(merged: MergedTrees, labels: readonly string[]): ConflictGroup[] {
  const groups = new PathGroups();
  const types = new Map<string, string[]>();
  for (const { paths, type } of merged.messages) {
    if (!type.startsWith('CONFLICT')) continue;
    groups.join(paths);
    for (const path of paths) types.set(path, [...(types.get(path) ?? []), type]);
  }
  for (const { path } of merged.stages) groups.join([path]);
  const label = new RegExp(`~(?:${labels.join('|')})(?:_\\d+)?$`);
  // What was renamed out of the way belongs to whatever holds its name.
  for (const path of groups.all()) if (label.test(path)) groups.join([path, path.replace(label, '')]);
  return groups.each().map((paths): ConflictGroup => {
    const said = paths.flatMap((path) => types.get(path) ?? []);
    const stages = merged.stages.filter((stage) => paths.includes(stage.path));
    return {
      kind: kindOf(said, stages),
      paths: paths.filter((path) => !label.test(path)).sort(),
      invented: paths.filter((path) => label.test(path)),
      stages: stages.map((stage) => ({ ...stage, path: stage.path.replace(label, '') })),
    };
  });
}

function kindOf(said: readonly string[], stages: readonly MergeStage[]): ConflictKind {
  const [, kind] = KINDS.find(([pattern]) => said.some((type) => pattern.test(type))) ?? [null, 'content' as const];
  const links = stages.some(({ mode }) => mode === '120000');
  return kind === 'content' && links ? 'symlink' : kind;
}

/** Disjoint sets of paths. */
class PathGroups {
  readonly #groups = new Map<string, Set<string>>();

  join(paths: readonly string[]): void {
    const joined = new Set(paths);
    for (const path of paths) for (const other of this.#groups.get(path) ?? []) joined.add(other);
    for (const path of joined) this.#groups.set(path, joined);
  }

  all(): string[] {
    return [...this.#groups.keys()];
  }

  each(): string[][] {
    return [...new Set(this.#groups.values())].map((paths) => [...paths]);
  }
}
