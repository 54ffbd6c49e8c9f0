import { z } from 'zod';
import type { CaptureRepository, FileChange } from '../capture/index.ts';
import { type NetChange, netChangeSchema, netChanges } from './net-changes.ts';
import type { WorkspaceChange } from './workspace-change.ts';

/** What a session has done to one file. */
export const fileDiffSchema = netChangeSchema.extend({
  workspaceId: z.string(),
  additions: z.int().nonnegative(),
  deletions: z.int().nonnegative(),
  /** Unified diff; null for binary files, diffs over 200,000 characters, and contents that were given up. */
  diff: z.string().nullable(),
  /** Whether its contents were given up to keep the store small. */
  pruned: z.boolean(),
});
export type FileDiff = z.infer<typeof fileDiffSchema>;

export const sessionDiffSchema = z.object({ sessionId: z.string(), files: z.array(fileDiffSchema) });
export type SessionDiff = z.infer<typeof sessionDiffSchema>;

/**
 * What changes of one workspace come to, as diffs. Where somebody else changed a file in between, the parts follow one
 * another, so that nothing of the other's shows.
 * @param scratch name for what is needed meanwhile, unique in the store.
 */
export async function diffNet(
  repository: CaptureRepository,
  changes: readonly WorkspaceChange[],
  scratch: string,
): Promise<Omit<FileDiff, 'workspaceId'>[]> {
  const net = netChanges(changes);
  const kept = await repository.kept(net.flatMap(({ beforeOid, afterOid }) => [beforeOid, afterOid]));
  const there = (oid: string | null) => oid === null || kept.has(oid);
  const whole = net.filter(
    ({ interleaved, beforeOid, afterOid }) => !interleaved && there(beforeOid) && there(afterOid),
  );
  const diffs = await diffWhole(repository, whole, scratch);
  const files: Omit<FileDiff, 'workspaceId'>[] = [];
  for (const each of net) {
    const found = diffs.get(each.path);
    if (found) files.push({ ...each, ...counted([found]), diff: named(found.diff, each), pruned: false });
    else if (each.interleaved) files.push({ ...each, ...(await diffParts(repository, changes, each)) });
    else files.push({ ...each, additions: 0, deletions: 0, diff: null, pruned: true });
  }
  return files;
}

/** Each change by itself, in the order of the chain. */
export async function diffEach(
  repository: CaptureRepository,
  changes: readonly WorkspaceChange[],
): Promise<Omit<FileDiff, 'workspaceId'>[]> {
  const files: Omit<FileDiff, 'workspaceId'>[] = [];
  for (const change of changes) {
    const { path, operation, oldPath, beforeOid, afterOid, beforeMode, afterMode, binary, position } = change;
    const own = { path, operation, oldPath, beforeOid, afterOid, beforeMode, afterMode, binary };
    const { additions, deletions } = change;
    const part = await partOf(repository, change);
    const diff = part?.diff ?? null;
    files.push({
      ...own,
      positions: [position],
      interleaved: false,
      additions,
      deletions,
      diff,
      pruned: part === null,
    });
  }
  return files;
}

/** Both sides in trees of their own, at one path: then a diff of the trees has one entry for each. */
async function diffWhole(
  repository: CaptureRepository,
  net: readonly NetChange[],
  scratch: string,
): Promise<Map<string, FileChange>> {
  if (net.length === 0) return new Map();
  const side = (oid: 'beforeOid' | 'afterOid', mode: 'beforeMode' | 'afterMode') =>
    repository.treeOf(
      net.flatMap((each) =>
        each[oid] === null ? [] : [{ path: each.path, oid: each[oid], mode: each[mode] as string }],
      ),
      `${scratch}.${oid}`,
    );
  const [before, after] = await Promise.all([side('beforeOid', 'beforeMode'), side('afterOid', 'afterMode')]);
  const found = await repository.diff(before, after, { renames: false });
  return new Map(found.map((change) => [change.path, change]));
}

async function diffParts(repository: CaptureRepository, changes: readonly WorkspaceChange[], net: NetChange) {
  const parts: FileChange[] = [];
  let pruned = false;
  let path = net.path;
  for (const change of changes.toReversed()) {
    if (change.path !== path || !net.positions.includes(change.position)) continue;
    const part = await partOf(repository, change);
    if (part === null) pruned = true;
    else parts.unshift(part);
    path = change.oldPath ?? path;
  }
  const diffs = parts.flatMap(({ diff }) => diff ?? []);
  return { ...counted(parts), diff: diffs.length > 0 ? diffs.join('') : null, pruned };
}

/** Null where the trees were given up. */
async function partOf(repository: CaptureRepository, change: WorkspaceChange): Promise<FileChange | null> {
  const kept = await repository.kept([change.beforeTree, change.afterTree, change.beforeOid, change.afterOid]);
  if ([change.beforeTree, change.afterTree].some((tree) => !kept.has(tree))) return null;
  const found = await repository.diff(change.beforeTree, change.afterTree);
  return found.find(({ path }) => path === change.path) ?? null;
}

function counted(parts: readonly FileChange[]) {
  return {
    additions: parts.reduce((sum, { additions }) => sum + additions, 0),
    deletions: parts.reduce((sum, { deletions }) => sum + deletions, 0),
  };
}

/** A diff of one path, with the name that the file had before. */
function named(diff: string | null, { path, oldPath }: NetChange): string | null {
  if (diff === null || oldPath === null) return diff;
  return diff
    .replace(`diff --git a/${path} `, () => `diff --git a/${oldPath} `)
    .replace(`\n--- a/${path}\n`, () => `\n--- a/${oldPath}\n`);
}
