import { SignalboxError } from '../../platform/errors/index.ts';
import type { Workspace, WorkspaceCapture } from '../../workspaces/index.ts';
import { describePaths } from './describe-paths.ts';
import { blobOid, DIRECTORY, type PathWriter, pathContent } from './files/index.ts';
import { planDirectories } from './plan-directories.ts';
import { digestOf } from './plan-undo.ts';
import type { PlannedTrees } from './prepare-undo.ts';
import { carryOut, WAIT_MS } from './run-undo.ts';
import { Composition, DIRECTORY_MODE, treeEdits, VirtualTree } from './trees/index.ts';
import type { FileState, Undo, UndoPlan } from './undo.ts';
import { chainOf, type UndoParts } from './undo-parts.ts';

/** A file that is to stand as it once stood, whoever changed it since; null: none is there. */
export interface FileWrite {
  path: string;
  /** What stands there as far as the caller knows: anything else is somebody's, and left alone. */
  expected: FileState | null;
  target: FileState | null;
  /** Another of the writes, without which this one is not made: the other end of a move. */
  companion?: string;
}

/** What going back to a rollback point asks of undo: all these files, by one plan. */
export interface FileRestore {
  workspaceId: string;
  writes: readonly FileWrite[];
  rollbackOperationId: string | null;
  /** Paused meanwhile, where it runs. */
  sessionId: string | null;
  /** Do not wait for running tool calls beyond 30 seconds but write all the same. */
  force: boolean;
  /** Once it aborts no further path is begun, and what was written goes back. */
  signal?: AbortSignal | undefined;
}

/**
 * Carries out a restoring that stands `waiting`, as {@link runUndo} does an undo. Paths at which something else stands than
 * was expected are left out, and named in the report as foreign.
 */
export async function runRestore(parts: UndoParts, undo: Undo, restore: FileRestore): Promise<void> {
  const { writes, force, signal } = restore;
  const workspace = await parts.workspaces.get(undo.projectId, restore.workspaceId);
  const chain = chainOf(parts, workspace);
  const stopping: UndoParts = { ...parts, beforeStep: stoppable(parts.beforeStep, signal) };
  await chain.exclusively(
    async () => {
      // What others changed until now is theirs, and is on record before the first write.
      const capture = await chain.look();
      const composition = await Composition.open(parts.captures.of(workspace).gitDir);
      try {
        const { plan, foreign } = await planRestore(composition, capture, workspace, writes);
        await carryOut(stopping, undo, workspace, { plan, composition }, ({ report }) => {
          report.foreign = [...report.foreign, ...foreign].sort();
        });
      } finally {
        await composition.close();
      }
    },
    { waitMs: parts.waitMs ?? WAIT_MS, force },
  );
}

function stoppable(
  beforeStep: PathWriter['beforeStep'],
  signal: AbortSignal | undefined,
): NonNullable<PathWriter['beforeStep']> {
  return async (step, path) => {
    if (step === 'check') signal?.throwIfAborted();
    await beforeStep?.(step, path);
  };
}

/** @throws UNDO_DURING_OPERATION */
async function planRestore(
  composition: PlannedTrees['composition'],
  capture: WorkspaceCapture,
  { id: workspaceId, path: root }: Workspace,
  writes: readonly FileWrite[],
): Promise<{ plan: UndoPlan; foreign: string[] }> {
  if (capture.operation !== null) {
    throw new SignalboxError('UNDO_DURING_OPERATION', { operation: capture.operation, workspaceId });
  }
  const now = new VirtualTree(composition.cache, capture.treeId);
  const foreign = new Set<string>();
  for (const { path, expected } of writes) {
    if (!(await stands(composition, now, root, path, expected))) foreign.add(path);
  }
  const currentTree = await now.write();
  const targetTree = await treeWith(composition, currentTree, writes, foreign);
  const { paths, changed } = await describePaths(composition, currentTree, targetTree, [], []);
  const directories = await planDirectories({
    steps: [],
    changed,
    capture,
    emptyDirectoriesAt: async () => [],
    holdsFiles: async (path) => (await composition.cache.find(targetTree, path))?.mode === DIRECTORY_MODE,
  });
  const restored = paths.map((path) => ({ ...path, outcome: 'restored' as const }));
  const done = { paths: restored, conflicts: [], directories };
  const none = { changeIds: [], includedDependents: [], sessionIds: [], leftOut: [], commits: [] };
  return {
    plan: { workspaceId, digest: digestOf(done), currentTree, targetTree, ...done, ...none },
    foreign: [...foreign],
  };
}

/**
 * The tree with the writes made in it. Those that would take away what nobody asked to (a file on the way, something else in
 * a directory whose place is needed) are left out, and added to the foreign ones.
 */
async function treeWith(
  { cache }: Composition,
  currentTree: string,
  writes: readonly FileWrite[],
  foreign: Set<string>,
): Promise<string> {
  for (;;) {
    for (const { path, companion } of writes) if (companion !== undefined && foreign.has(companion)) foreign.add(path);
    const made = writes.filter(({ path }) => !foreign.has(path));
    const target = new VirtualTree(cache, currentTree);
    // What goes makes room for what comes: a directory may stand where a file did.
    for (const write of made) if (!write.target) await target.set(write.path, null);
    for (const write of made) if (write.target) await target.set(write.path, write.target);
    const targetTree = await target.write();
    const asked = new Set(made.map(({ path }) => path));
    const others = (await treeEdits(cache, currentTree, targetTree)).filter(({ path }) => !asked.has(path));
    if (others.length === 0) return targetTree;
    for (const { path } of made) if (others.some((other) => isWithin(path, other.path))) foreign.add(path);
  }
}

/** Whether one of them is a directory above the other. */
function isWithin(a: string, b: string): boolean {
  return a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

/**
 * Whether a path is as expected. What no capture holds, since the user's rules ignore it, is taken into the tree, so that
 * it can be put back.
 */
async function stands(
  { store }: Composition,
  now: VirtualTree,
  root: string,
  path: string,
  expected: FileState | null,
): Promise<boolean> {
  const found = await pathContent(root, path);
  if (found === 'other') return false;
  // A directory is no file: where one stands, it may be empty by the time.
  if (found === null || found.mode === DIRECTORY) return expected === null;
  const content = found.content as Buffer;
  if (found.mode !== expected?.mode || blobOid(content) !== expected.oid) return false;
  const held = await now.get(path);
  if (held?.oid !== expected.oid || held.mode !== expected.mode) {
    await now.set(path, { mode: expected.mode, oid: store.write('blob', content) });
  }
  return true;
}
