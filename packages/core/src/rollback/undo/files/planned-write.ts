import type { UndonePath, UndoPlan } from '../undo.ts';

export const DIRECTORY = '40000';

/** What stands, or is to stand, at a path: null is nothing; a directory has no object. */
export type PathState = { mode: string; oid: string | null } | null;

/** One write of a plan: what must stand at the path, and what will. */
export interface PlannedWrite {
  ordinal: number;
  path: string;
  expected: PathState;
  target: PathState;
}

export function sameState(a: PathState, b: PathState): boolean {
  return a?.mode === b?.mode && (a?.oid ?? null) === (b?.oid ?? null);
}

/**
 * The writes of a plan, in an order in which each finds room: files that go, directories that go (deepest first),
 * directories that come (outermost first), files that come. In reverse it finds room, too.
 * @param missing directories above files that come, which do not stand there.
 */
export function plannedWrites(
  plan: { paths: readonly Pick<UndonePath, 'path' | 'current' | 'target'>[]; directories: UndoPlan['directories'] },
  missing: readonly string[],
): PlannedWrite[] {
  const files = plan.paths.filter(({ current, target }) => !sameState(current, target));
  const directory: PathState = { mode: DIRECTORY, oid: null };
  const made = [...new Set([...missing, ...plan.directories.created])].sort();
  // What is made anyway need not be taken away first, unless a file stood there.
  const removed = plan.directories.removed.filter((path) => !made.includes(path));
  const writes: Omit<PlannedWrite, 'ordinal'>[] = [
    ...files.filter(({ target }) => !target).map(({ path, current }) => ({ path, expected: current, target: null })),
    ...removed.map((path) => ({ path, expected: directory, target: null })),
    ...made.map((path) => ({ path, expected: null, target: directory })),
    ...files.filter(({ target }) => target).map(({ path, current, target }) => ({ path, expected: current, target })),
  ];
  return joinReplaced(writes).map((write, ordinal) => ({ ...write, ordinal }));
}

/** A file in whose place a directory comes, or the reverse, is one path with one row: its first write tells what stands. */
function joinReplaced(writes: Omit<PlannedWrite, 'ordinal'>[]): Omit<PlannedWrite, 'ordinal'>[] {
  const first = new Map<string, Omit<PlannedWrite, 'ordinal'>>();
  const joined: Omit<PlannedWrite, 'ordinal'>[] = [];
  for (const write of writes) {
    const earlier = first.get(write.path);
    if (!earlier) {
      first.set(write.path, write);
      joined.push(write);
      continue;
    }
    joined.splice(joined.indexOf(earlier), 1);
    joined.push({ ...write, expected: earlier.expected });
  }
  return joined;
}
