import type { Database } from '../../platform/database/index.ts';
import { git, spawnGit } from '../../workspaces/index.ts';
import { type Commit, LOG_FORMAT, readCommits } from '../indexers/history/commit.ts';
import { tellCommit } from '../indexers/history/tell-commit.ts';
import { readUnitsBelow } from '../ingest/unit-store.ts';
import type { HeldWork } from './held-work.ts';
import type { IndexJob } from './index-job.ts';
import type { IndexedFile } from './indexed-file.ts';
import { readIndexedFiles } from './indexed-file-store.ts';

/** Commits that are looked at where none was before; older ones are told of by nobody. Later on all are that came since. */
export const MOST_COMMITS = 1_000;
/** Entities and relationships of a batch, about. */
const BATCH_SIZE = 1_000;
/** Units of one call that say nothing any more. */
const SILENT_AT_ONCE = 500;
/** Where it is remembered how far the history was read: no file is called so. */
const HISTORY = ':history';

interface HistoryParts {
  database: Database;
  work: HeldWork;
}

/**
 * Takes the commits of a workspace's repository into the graph that it has since the last time, the oldest first: what is broken off goes
 * on where it stopped. Where the history was written anew, commits that it has no more say nothing any more.
 * @throws Error whatever git failed with; the signal's reason
 */
export async function indexHistory(
  { database, work }: HistoryParts,
  { projectId, workspaceId }: Pick<IndexJob, 'projectId' | 'workspaceId'>,
  root: string,
  signal: AbortSignal,
): Promise<void> {
  const prefix = `git:${workspaceId}:`;
  const head = await headOf(root);
  if (head === null) return;
  const known = await readIndexedFiles(database, projectId, workspaceId);
  const last = known.find(({ path }) => path === HISTORY)?.hash ?? '';
  if (last === head) return;
  const goesOn = last !== '' && (await isAncestor(root, last, head));
  if (!goesOn) {
    const kept = new Set((await listed(root, head)).map((hash) => prefix + hash));
    const units = await readUnitsBelow(database, projectId, prefix);
    const silent = units.filter((unit) => !kept.has(unit)).map((unit) => ({ unit }));
    for (let from = 0; from < silent.length; from += SILENT_AT_ONCE) {
      await work.take({ units: silent.slice(from, from + SILENT_AT_ONCE) });
    }
  }
  let batch: { commit: Commit; said: ReturnType<typeof tellCommit> }[] = [];
  let size = 0;
  const flush = async () => {
    const newest = batch.at(-1)?.commit;
    if (!newest) return;
    const units = batch.map(({ commit, said }) => ({ unit: prefix + commit.hash, ...said }));
    const [entities, relationships] = [sum(batch, 'entities'), sum(batch, 'relationships')];
    const done = { files: 0, entities, relationships, problems: [] };
    await work.take({ units, files: [readTo(newest.hash)], done });
    batch = [];
    size = 0;
  };
  for await (const commit of commitsOf(
    root,
    goesOn ? [`${last}..${head}`] : [`--max-count=${MOST_COMMITS}`, head],
    signal,
  )) {
    signal.throwIfAborted();
    const said = tellCommit(commit);
    batch.push({ commit, said });
    size += said.entities.length + said.relationships.length;
    if (size >= BATCH_SIZE) await flush();
  }
  await flush();
  await work.take({ units: [], files: [readTo(head)] });
}

function readTo(hash: string): IndexedFile {
  return { path: HISTORY, hash, shape: '', setup: '', isGlobal: false, imports: [] };
}

async function* commitsOf(root: string, range: readonly string[], signal: AbortSignal): AsyncGenerator<Commit> {
  const flags = [
    '--raw',
    '-z',
    '--no-abbrev',
    '-M',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    '--no-show-signature',
    '--encoding=UTF-8',
  ];
  const words = ['log', ...flags, '--relative', '--topo-order', '--reverse', LOG_FORMAT];
  const child = spawnGit([...words, ...range, '--', '.'], { cwd: root, asUser: true });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // Where reading fails first, nobody waits for this any more.
  ended.catch(() => undefined);
  const kill = () => child.kill();
  signal.addEventListener('abort', kill);
  child.stdin.end();
  let problem = '';
  child.stderr.on('data', (chunk: Buffer) => (problem = (problem + chunk.toString('utf8')).slice(-1_000)));
  try {
    yield* readCommits(child.stdout);
    const code = await ended;
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`git log ended with ${code}: ${problem.trim()}`);
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}

/** Null where there is no repository, or nothing was committed to it. */
async function headOf(root: string): Promise<string | null> {
  const call = { cwd: root, asUser: true, accepts: () => true };
  const text = (await git(['rev-parse', '--quiet', '--verify', 'HEAD^{commit}'], call)).toString('utf8').trim();
  return /^[0-9a-f]{40,64}$/.test(text) ? text : null;
}

async function isAncestor(root: string, commit: string, head: string): Promise<boolean> {
  const found = { is: false };
  const accepts = (code: number) => {
    found.is = code === 0;
    // 1 for no, 128 for a commit that is no more.
    return true;
  };
  await git(['merge-base', '--is-ancestor', commit, head], { cwd: root, asUser: true, accepts });
  return found.is;
}

async function listed(root: string, head: string): Promise<string[]> {
  return (await git(['rev-list', head], { cwd: root, asUser: true })).toString('utf8').split('\n');
}

function sum(batch: readonly { said: ReturnType<typeof tellCommit> }[], kind: 'entities' | 'relationships'): number {
  return batch.reduce((total, { said }) => total + said[kind].length, 0);
}
