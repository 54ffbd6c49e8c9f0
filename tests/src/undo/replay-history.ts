import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Core, createCore, type Database } from '@signalbox/core';
import { insertTestProject, insertTestSession } from '@signalbox/core/testing';
import { pino } from 'pino';

const run = promisify(execFile);

export interface ReplayOptions {
  database: Database;
  /** A git repository, whose own files and index are not touched. */
  repository: string;
  /** How many of its latest first-parent commits are replayed. */
  commits: number;
  /** How many random subsets are undone. */
  rounds: number;
  seed: number;
  say?: (line: string) => void;
}

export interface ReplayOutcome {
  commits: number;
  /** Git reverted all, and our tree was the same. */
  equal: number;
  /** Git met a conflict; of these, how many met one here as well. */
  gitConflicts: number;
  conflictsOfBoth: number;
  /** Git reverted all, and we did not come to the same: which commits, newest first. */
  different: string[][];
}

/**
 * Replays a linear history as tool calls of a session, one call a commit, and undoes random subsets of them: wherever
 * `git revert`, newest first and with default settings, succeeds for all, the trees must be the same.
 */
export async function replayHistory(options: ReplayOptions): Promise<ReplayOutcome> {
  const { database, repository, say = () => undefined } = options;
  const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-replay-')));
  const core = createCore({
    database,
    dataDir: join(root, 'data'),
    nodeId: 'replay',
    logger: pino({ level: 'silent' }),
  });
  try {
    const source = new Git(join(root, 'source.git'));
    await run('git', ['clone', '--quiet', '--bare', '--no-hardlinks', repository, source.gitDir]);
    // Captures are raw bytes, so what is checked out must be.
    await writeFile(join(source.gitDir, 'info', 'attributes'), '* -text -filter -ident -working-tree-encoding\n');
    const log = await source.text('rev-list', '--first-parent', `--max-count=${options.commits + 1}`, 'HEAD');
    const commits = log.split('\n').reverse();
    const replayed = await replay(core, database, source, commits, join(root, 'work'));
    const reverting = await Git.over(join(root, 'revert'), core.captures.of(replayed.workspace).gitDir);
    const linear = await reverting.line(replayed.trees);
    const random = generator(options.seed);
    const outcome: ReplayOutcome = {
      commits: linear.length,
      equal: 0,
      gitConflicts: 0,
      conflictsOfBoth: 0,
      different: [],
    };
    for (let round = 0; round < options.rounds; round++) {
      // The latest alone goes always; the rest is chance.
      const chosen = round === 0 ? [linear.length - 1] : subset(linear.length, random);
      const wanted = await reverting.revert(linear, chosen);
      const callIds = chosen.map((index) => `commit-${index}`);
      const { projectId, workspace } = replayed;
      const plan = await core.undos.preview(projectId, { selection: { workspaceId: workspace.id, callIds } });
      const open = plan.conflicts.length > 0;
      if (wanted === null) {
        outcome.gitConflicts += 1;
        if (open) outcome.conflictsOfBoth += 1;
      } else if (!open && plan.targetTree === wanted) outcome.equal += 1;
      else outcome.different.push(chosen.map((index) => replayed.names[index] ?? ''));
      say(`${round + 1} of ${options.rounds}: ${outcome.equal} equal, ${outcome.gitConflicts} in conflict`);
    }
    return outcome;
  } finally {
    await core.close();
    await rm(root, { recursive: true, force: true });
  }
}

/** Brings the workspace from commit to commit, each as a tool call; answers the captured trees of those that changed anything. */
async function replay(core: Core, database: Database, source: Git, commits: readonly string[], directory: string) {
  await mkdir(directory);
  // A repository of its own, so that what is tracked there counts, whatever is ignored.
  const own = new Git(join(directory, '.git'), directory);
  await run('git', ['init', '--quiet', directory]);
  const projectId = await insertTestProject(database);
  const sessionId = await insertTestSession(database, projectId);
  const workspace = await core.workspaces.create(projectId, { path: directory }, 'replay');
  const chain = core.captures.chain(workspace);
  const trees: string[] = [];
  const names: string[] = [];
  for (const commit of commits) {
    const callId = `commit-${trees.length}`;
    const owner = { sessionId, callId, tool: 'bash', actor: 'replay', attempt: 1 };
    if (trees.length > 0) await chain.openWindow(owner, null);
    await source.in(directory).text('read-tree', '--reset', '-u', `${commit}^{tree}`);
    const index = await source.text('ls-tree', '-r', '-z', '--full-tree', commit);
    const tracked = index
      .split('\0')
      .filter((line) => /^(100|120)/.test(line))
      .join('\0');
    await own.feed(
      ['update-index', '-z', '--add', '--info-only', '--index-info'],
      tracked === '' ? '' : `${tracked}\0`,
    );
    const { capture } =
      trees.length > 0 ? await chain.closeWindow(sessionId, callId) : await chain.step('session_start');
    if (capture.treeId === trees.at(-1)) continue;
    trees.push(capture.treeId);
    names.push(commit);
  }
  return { projectId, workspace, trees, names };
}

/** One to five of all but the first, near each other more often than not; newest first. */
function subset(length: number, random: () => number): number[] {
  const oldest = Math.max(1, length - 1 - Math.floor(random() * (length - 1)));
  const count = Math.min(1 + Math.floor(random() * 5), length - oldest);
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(oldest + Math.floor(random() * (length - oldest)));
  return [...chosen].sort((a, b) => b - a);
}

/** Numbers that look random and come again with the seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Git on one repository, without anybody's settings. */
class Git {
  readonly gitDir: string;
  readonly #workTree: string | null;

  constructor(gitDir: string, workTree: string | null = null) {
    this.gitDir = gitDir;
    this.#workTree = workTree;
  }

  /** A repository that also sees the objects of another. */
  static async over(directory: string, objectsOf: string): Promise<Git> {
    await run('git', ['init', '--quiet', directory]);
    const git = new Git(join(directory, '.git'), directory);
    await writeFile(join(git.gitDir, 'objects', 'info', 'alternates'), `${join(objectsOf, 'objects')}\n`);
    await writeFile(join(git.gitDir, 'info', 'attributes'), '* -text -filter -ident -working-tree-encoding\n');
    return git;
  }

  in(workTree: string): Git {
    return new Git(this.gitDir, workTree);
  }

  async text(...args: string[]): Promise<string> {
    const { stdout } = await run('git', args, { ...this.#place(), maxBuffer: 1 << 30 });
    return stdout.replace(/\n$/, '');
  }

  async feed(args: string[], input: string): Promise<void> {
    const running = run('git', args, this.#place());
    running.child.stdin?.end(input);
    await running;
  }

  /** Commits of these trees, one after the other. */
  async line(trees: readonly string[]): Promise<string[]> {
    const commits: string[] = [];
    for (const tree of trees) {
      const parent = commits.at(-1);
      commits.push(
        await this.text('commit-tree', tree, ...(parent ? ['-p', parent] : []), '-m', `commit ${commits.length}`),
      );
    }
    return commits;
  }

  /** The tree after `git revert` of these, newest first; null where one of them conflicts. */
  async revert(commits: readonly string[], chosen: readonly number[]): Promise<string | null> {
    await this.text('reset', '--quiet', '--hard', commits.at(-1) as string);
    await this.text('clean', '--quiet', '-ffdx');
    for (const index of chosen) {
      const reverted = await this.text('revert', '--no-commit', commits[index] as string).then(
        () => true,
        () => false,
      );
      if (!reverted) {
        await this.text('revert', '--quit');
        return null;
      }
      // Without a commit of its own where nothing was left to revert; the next one starts from a clean index.
      await this.text('commit', '--quiet', '--allow-empty', '--no-verify', '-m', `revert ${index}`);
    }
    return this.text('rev-parse', 'HEAD^{tree}');
  }

  #place() {
    const names = { GIT_AUTHOR_NAME: 'x', GIT_AUTHOR_EMAIL: 'x', GIT_COMMITTER_NAME: 'x', GIT_COMMITTER_EMAIL: 'x' };
    const none = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
    const place = { GIT_DIR: this.gitDir, ...(this.#workTree === null ? {} : { GIT_WORK_TREE: this.#workTree }) };
    return { cwd: this.#workTree ?? this.gitDir, env: { PATH: process.env.PATH, ...names, ...none, ...place } };
  }
}
