import { git, gitText } from './git.ts';

/** What nobody refers to is kept for so long: a capture may be about to. */
const GRACE = '1.hour.ago';
const PREFIX = 'refs/captures/';

/** Packs a store, and drops what none of these trees holds. Trees that are not there are passed over. */
export async function packStore(gitDir: string, trees: readonly string[]): Promise<void> {
  const call = { cwd: gitDir, env: { GIT_DIR: gitDir } };
  const input = trees.map((tree) => `${tree}\n`).join('');
  const checked =
    trees.length === 0 ? '' : await gitText(['cat-file', '--batch-check=%(objectname)'], { ...call, input });
  const keep = new Set(checked.split('\n').filter((line) => /^[0-9a-f]{40,64}$/.test(line)));
  const there = new Set(await heldTrees(gitDir));
  const lines = [
    ...[...keep].filter((tree) => !there.has(tree)).map((tree) => `create ${PREFIX}${tree} ${tree}\n`),
    ...[...there].filter((tree) => !keep.has(tree)).map((tree) => `delete ${PREFIX}${tree}\n`),
  ];
  if (lines.length > 0) await git(['update-ref', '--stdin'], { ...call, input: lines.join('') });
  await git(['pack-refs', '--all'], call);
  await git(['repack', '-A', '-d', '-q', `--unpack-unreachable=${GRACE}`], call);
  await git(['prune', `--expire=${GRACE}`], call);
}

/** Trees that a store holds by name, so that no packing drops them. */
export async function heldTrees(gitDir: string): Promise<string[]> {
  const call = { cwd: gitDir, env: { GIT_DIR: gitDir } };
  const refs = (await gitText(['for-each-ref', '--format=%(refname)', PREFIX], call)).split('\n').filter(Boolean);
  return refs.map((ref) => ref.slice(PREFIX.length));
}

/** Bytes that the objects of a store take. */
export async function storeSize(gitDir: string): Promise<number> {
  const counted = await gitText(['count-objects', '-v'], { cwd: gitDir, env: { GIT_DIR: gitDir } });
  const kilobytes = [...counted.matchAll(/^size(?:-pack)?: (\d+)$/gm)].map((line) => Number(line[1]));
  return kilobytes.reduce((sum, each) => sum + each, 0) * 1024;
}
