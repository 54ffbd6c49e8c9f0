import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresBackend } from '@signalbox/core/testing';
import { createOpencodeRuntime } from '@signalbox/runtimes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRuns, type RunHarness } from '../runs/run-harness.ts';
import type { ModelTurn } from './loopback-model.ts';
import { opencodeOrSkip } from './opencode-program.ts';
import { StagedSession } from './staged-session.ts';

const program = await opencodeOrSkip(1);
/** The program takes seconds to come up, and longer on a busy machine. */
const LIMIT_MS = 240_000;
const PATIENCE = { timeout: 120_000, interval: 50 };
const run = promisify(execFile);

const numbered = (changes: Record<number, string> = {}) =>
  Array.from({ length: 12 }, (_, at) => `${changes[at] ?? `line ${String(at).padStart(2, '0')}`}\n`).join('');

describe.skipIf(!program)('undo of one of two OpenCode sessions in one repository', { timeout: LIMIT_MS }, () => {
  let runs: RunHarness;
  let stateDir: string;

  beforeEach(async () => {
    stateDir = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-opencode-')));
    runs = await openRuns(postgresBackend, { runtimes: [createOpencodeRuntime({ stateDir, program: program ?? '' })] });
    runs.runner.start();
  });
  afterEach(async () => {
    await runs.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  const status = async (id: string) => (await runs.session(id)).status;
  const at = (path: string) => join(runs.work, path);
  const git = async (...args: string[]) =>
    (await run('git', args, { cwd: runs.work, env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' } })).stdout.trimEnd();
  /** All of the user's repository that an undo must leave as it is. */
  const repository = async () => ({
    head: await git('rev-parse', 'HEAD'),
    branch: await git('symbolic-ref', 'HEAD'),
    index: await git('ls-files', '--stage'),
    stash: await git('stash', 'list', '--format=%H %gs'),
    references: await git('for-each-ref'),
  });
  /** Contents and times of all files but those of the repository itself. */
  async function files(): Promise<Record<string, { content: string; mtime: bigint }>> {
    const found: Record<string, { content: string; mtime: bigint }> = {};
    for (const entry of await readdir(runs.work, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name).slice(runs.work.length + 1);
      if (!entry.isFile() || path.startsWith('.git/')) continue;
      const { mtimeNs: mtime } = await lstat(at(path), { bigint: true });
      found[path] = { content: await readFile(at(path), 'utf8'), mtime };
    }
    return found;
  }
  const contents = (all: Awaited<ReturnType<typeof files>>) =>
    Object.fromEntries(Object.entries(all).map(([path, { content }]) => [path, content]));

  const reads = (path: string): ModelTurn => ({ toolCalls: [{ name: 'read', arguments: { filePath: at(path) } }] });
  const edits = (path: string, oldString: string, newString: string): ModelTurn => ({
    toolCalls: [{ name: 'edit', arguments: { filePath: at(path), oldString, newString } }],
  });
  const shell = (command: string): ModelTurn => ({
    toolCalls: [{ name: 'bash', arguments: { command, description: 'Works' } }],
  });
  const done: ModelTurn = { text: 'Done.' };

  test('leaves exactly the other’s work, and the repository of its user as it was', async () => {
    await git('init', '--quiet', '-b', 'main');
    await git('config', 'user.name', 'Somebody');
    await git('config', 'user.email', 'somebody@example.org');
    const tracked = {
      'one.txt': numbered(),
      'two.txt': numbered(),
      'three.txt': numbered(),
      'removed.txt': 'removed by A\n',
      'moved.txt': 'moved by A\n',
      'kept.txt': 'kept\n',
      '.gitignore': 'ignored/\n',
    };
    for (const [path, content] of Object.entries(tracked)) await writeFile(at(path), content);
    await git('add', '--all');
    await git('commit', '--quiet', '-m', 'first');
    await writeFile(at('kept.txt'), 'put aside by a person\n');
    await git('stash', 'push', '--quiet');
    await writeFile(at('staged.txt'), 'staged by a person\n');
    await git('add', 'staged.txt');
    await mkdir(at('ignored'));
    await writeFile(at('ignored/cache'), 'stays\n');
    const long = new Date('2001-02-03T04:05:06Z');
    await utimes(at('kept.txt'), long, long);

    await using a = await StagedSession.start(
      runs,
      [
        reads('one.txt'),
        edits('one.txt', 'line 01', 'A was here'),
        shell(
          `sed -i 's/^line 01$/A was here/' two.txt && rm removed.txt && mv moved.txt elsewhere.txt && echo A > by-a.txt`,
        ),
        shell(`sed -i 's/^line 11$/A at the end/' one.txt three.txt; mkdir -p new/deep; echo A > new/deep/x`),
        done,
      ],
      { title: 'The first' },
    );
    await using b = await StagedSession.start(
      runs,
      [
        reads('one.txt'),
        edits('one.txt', 'line 06', 'B was here'),
        reads('two.txt'),
        edits('two.txt', 'line 06', 'B in two'),
        { toolCalls: [{ name: 'write', arguments: { filePath: at('by-b.txt'), content: 'untracked by B\n' } }] },
        shell('echo B at last >> three.txt'),
        done,
      ],
      { title: 'The second' },
    );
    for (const next of [a, a, b, b, a, b, b, b, a]) await next.step();
    a.answer();
    await expect.poll(() => status(a.id), PATIENCE).toBe('completed');
    // Nobody's guess: each change is known to be of one of the two.
    const { items: changes } = await runs.core.workspaceChanges.list(runs.projectId, { pageSize: 100 });
    expect(new Set(changes.map(({ sessionId }) => sessionId))).toEqual(new Set([a.id, b.id]));

    const [before, user] = [await files(), await repository()];
    expect(before['one.txt']?.content).toBe(numbered({ 1: 'A was here', 6: 'B was here', 11: 'A at the end' }));
    const selection = { sessionIds: [a.id] };
    const preview = await runs.core.undos.preview(runs.projectId, { selection });
    expect(preview).toMatchObject({ conflicts: [], leftOut: [] });
    const { id } = await runs.core.undos.create(
      runs.projectId,
      { selection, expectedPlan: preview.digest },
      'somebody',
    );
    const undo = await runs.core.undos.finished(runs.projectId, id);
    expect(undo).toMatchObject({ status: 'completed', error: null, report: { foreign: [] } });

    const after = await files();
    expect(contents(after)).toEqual({
      ...tracked,
      'one.txt': numbered({ 6: 'B was here' }),
      'two.txt': numbered({ 6: 'B in two' }),
      'by-b.txt': 'untracked by B\n',
      'staged.txt': 'staged by a person\n',
      'ignored/cache': 'stays\n',
    });
    expect(await readdir(runs.work)).not.toContain('new');
    expect(await repository()).toEqual(user);
    expect(await git('status', '--porcelain')).toBe(' M one.txt\nA  staged.txt\n M two.txt\n?? by-b.txt');
    const written = ['moved.txt', 'one.txt', 'removed.txt', 'three.txt', 'two.txt'];
    const touched = Object.keys(after).filter((path) => after[path]?.mtime !== before[path]?.mtime);
    expect(touched.sort()).toEqual(written);

    // The other one was not paused, is told, and goes on from what stands there now.
    const told = (await runs.events(b.id)).filter(
      ({ payload }) => (payload as { phase?: string } | null)?.phase === 'undo',
    );
    expect(told).toMatchObject([{ payload: { detail: { undoId: id, by: 'somebody', own: false } } }]);
    await b.step();
    b.answer();
    await expect.poll(() => status(b.id), PATIENCE).toBe('completed');
    expect(contents(await files())).toEqual({ ...contents(after), 'three.txt': `${numbered()}B at last\n` });
  });
});
