import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeOnBackends, postgresBackend } from '@signalbox/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRuns, type RunHarness } from './run-harness.ts';

const PROCESS = fileURLToPath(new URL('./tree-process.ts', import.meta.url));

let runs: RunHarness;
afterEach(() => runs.close());

function git(...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=u', '-c', 'user.email=u@example.com', ...args], {
    cwd: runs.work,
    encoding: 'utf8',
  }).trim();
}

async function beginRepository(): Promise<void> {
  git('init', '-q', '-b', 'main');
  await writeFile(join(runs.work, 'a.txt'), 'start\n');
  await writeFile(join(runs.work, '.gitignore'), '.go*\n');
  git('add', '.');
  git('commit', '-qm', 'Start');
}

const standing = () => [git('status', '--porcelain=v2', '--branch', '--show-stash'), git('ls-files', '--stage')];

async function treeOf(sessionId: string) {
  const { items } = await runs.core.workTrees.list(runs.projectId, {
    filters: [{ field: 'sessionId', operator: 'eq', value: sessionId }],
  });
  const [tree] = items;
  if (!tree) throw new Error('there is no work tree');
  return tree;
}

describeOnBackends('sessions that work apart', (backend) => {
  beforeEach(async () => {
    runs = await openRuns(backend);
  });

  test('neither meets the other nor the user, all that is asked of one is about its tree, and a retry goes on in it', async () => {
    await beginRepository();
    await appendFile(join(runs.work, 'a.txt'), 'not committed\n');
    const before = standing();
    const ready = (name: string) => join(runs.work, `.go-${name}`);
    const both = (own: string, other: string) =>
      `touch ${ready(own)}; until [ -e ${ready(other)} ]; do sleep 0.05; done`;
    const apart = { isolation: 'worktree' as const, paths: ['a.txt'] };
    // Each claims the file that the other has claimed, and would wait for it in one directory.
    const one = await runs.script(
      `${both('one', 'two')}; echo one >> a.txt; echo new > new.txt; [ -e again ] || { touch again; exit 1; }`,
      apart,
    );
    const two = await runs.script(`${both('two', 'one')}; echo two >> a.txt`, apart);
    const idle = await runs.script('true', { isolation: 'worktree' });
    runs.runner.start();
    expect((await runs.reaches(one.id, 'completed', 'failed')).status).toBe('failed');
    expect((await runs.reaches(two.id, 'completed', 'failed')).status).toBe('completed');
    expect((await runs.reaches(idle.id, 'completed', 'failed')).status).toBe('completed');

    const [first, second] = [await treeOf(one.id), await treeOf(two.id)];
    const session = await runs.session(one.id);
    expect(session).toMatchObject({ workspaceId: runs.workspaceId, treeWorkspaceId: first.treeWorkspaceId });
    expect(await readFile(join(first.path, 'a.txt'), 'utf8')).toBe('start\none\n');
    expect(await readFile(join(second.path, 'a.txt'), 'utf8')).toBe('start\ntwo\n');
    expect(standing()).toEqual(before);
    expect(await readFile(join(runs.work, 'a.txt'), 'utf8')).toBe('start\nnot committed\n');
    await expect.poll(async () => (await treeOf(idle.id)).status, { timeout: 45_000 }).toBe('removed');
    await expect.poll(async () => (await treeOf(two.id)).status, { timeout: 45_000 }).toBe('kept');

    const changes = await runs.core.workspaceChanges.forSession(runs.projectId, one.id);
    expect(changes.map(({ path, attribution, workspaceId }) => [path, attribution, workspaceId]).sort()).toEqual(
      ['a.txt', 'again', 'new.txt'].map((path) => [path, 'window', first.treeWorkspaceId]),
    );
    const { files } = await runs.core.workspaceChanges.diff(runs.projectId, two.id);
    expect(files.map(({ path, diff }) => [path, diff?.split('\n').filter((line) => /^[+-][^+-]/.test(line))])).toEqual([
      ['a.txt', ['+two']],
    ]);
    const shared = await runs.core.workspaceChanges.list(runs.projectId, {}, { workspaceId: runs.workspaceId });
    expect(shared.items).toEqual([]);
    const [checkpoint] = await runs.core.sessions.listCheckpoints(runs.projectId, one.id);
    expect(checkpoint?.capture?.workspaceId).toBe(first.treeWorkspaceId);
    const then = await runs.core.sessionFiles.at(runs.projectId, one.id, null);
    expect(then.files.map(({ path }) => path)).toContain('new.txt');

    await runs.core.sessions.retry(runs.projectId, one.id, {}, 'me');
    expect((await runs.reaches(one.id, 'completed')).attempt).toBe(2);
    expect(await readFile(join(first.path, 'a.txt'), 'utf8')).toBe('start\none\none\n');
    await expect.poll(async () => (await treeOf(one.id)).status, { timeout: 45_000 }).toBe('kept');
    expect((await treeOf(one.id)).id).toBe(first.id);

    const undo = await runs.core.undos.create(
      runs.projectId,
      { selection: { sessionIds: [one.id], paths: ['a.txt'] } },
      'me',
    );
    expect(undo.workspaceId).toBe(first.treeWorkspaceId);
    expect((await runs.core.undos.finished(runs.projectId, undo.id)).status).toBe('completed');
    expect(await readFile(join(first.path, 'a.txt'), 'utf8')).toBe('start\n');
    expect(await readFile(join(second.path, 'a.txt'), 'utf8')).toBe('start\ntwo\n');

    git('checkout', '-q', '--', 'a.txt');
    for (const { id } of [first, second]) await runs.core.workTrees.merge(runs.projectId, id, 'me');
    expect(await readFile(join(runs.work, 'a.txt'), 'utf8')).toBe('start\ntwo\n');
    expect([existsSync(join(runs.work, 'new.txt')), git('status', '--porcelain')]).toEqual([true, '']);
    // What came by the merge is nobody's edit.
    await runs.core.captures.chain(await runs.core.workspaces.get(runs.projectId, runs.workspaceId)).step('request');
    const found = await runs.core.workspaceChanges.list(runs.projectId, {}, { workspaceId: runs.workspaceId });
    expect(new Set(found.items.map(({ attribution }) => attribution))).not.toContain('window');
    expect((await runs.core.workspaceChanges.diff(runs.projectId, two.id)).files).toHaveLength(1);
  }, 180_000);

  test('need a repository: without one the session fails and says so', async () => {
    const made = await runs.script('true', { isolation: 'worktree' });
    await expect(
      runs.script('true', { isolation: 'worktree', workspaceId: null, runtime: null, command: null, start: false }),
    ).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    runs.runner.start();
    expect((await runs.reaches(made.id, 'failed', 'completed')).status).toBe('failed');
    const { error } = await runs.core.sessions.metrics(runs.projectId, made.id);
    expect(error).toMatchObject({ type: 'WORK_TREE_NO_REPOSITORY' });
  }, 120_000);
});

describe('kill -9 in the middle of making a work tree', () => {
  beforeEach(async () => {
    runs = await openRuns(postgresBackend);
  });

  test('leaves one that the next start makes whole, and nothing changed of the user’s', async () => {
    await beginRepository();
    // A file whose checkout takes as long as we want, so that the process is killed in the middle of it.
    const [marker, goOn] = [join(runs.work, '.go-smudge'), join(runs.work, '.go-on')];
    await writeFile(join(runs.work, '.gitattributes'), 'slow.txt filter=slow\n');
    await writeFile(join(runs.work, 'slow.txt'), 'slow\n');
    await writeFile(join(runs.work, 'z.txt'), 'z\n');
    git('add', '.');
    git('commit', '-qm', 'Slow');
    git(
      'config',
      'filter.slow.smudge',
      `sh -c 'echo $$ > ${marker}; for i in $(seq 3000); do [ -e ${goOn} ] && break; sleep 0.1; done; cat'`,
    );
    const session = await runs.script('cat slow.txt z.txt; echo done >> z.txt', {
      isolation: 'worktree',
      start: false,
    });
    const before = standing();
    const args = [
      runs.opened.connectionString ?? '',
      join(runs.work, '..'),
      runs.projectId,
      session.id,
      runs.workspaceId,
    ];
    const child = spawn(process.execPath, ['--conditions=source', PROCESS, ...args], {
      stdio: 'inherit',
    });
    const gone = once(child, 'exit');
    const smudge = async () => Number(await readFile(marker, 'utf8').catch(() => ''));
    await expect.poll(smudge, { timeout: 90_000 }).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await gone;
    const half = await treeOf(session.id);
    expect(half.status).toBe('making');
    expect(await readdir(half.path)).not.toContain('z.txt');

    git('config', 'filter.slow.smudge', 'cat');
    await runs.core.sessions.start(runs.projectId, session.id, 'me');
    runs.runner.start();
    expect((await runs.reaches(session.id, 'completed', 'failed')).status).toBe('completed');
    const whole = await treeOf(session.id);
    expect(whole.id).toBe(half.id);
    expect(await readFile(join(whole.path, 'z.txt'), 'utf8')).toBe('z\ndone\n');
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: whole.path, encoding: 'utf8' })).toBe(' M z.txt\n');
    expect(standing()).toEqual(before);
    expect(git('worktree', 'list').split('\n')).toHaveLength(2);

    // What the killed process had started goes on by itself, and harms nothing.
    const left = await smudge();
    await writeFile(goOn, '');
    await expect.poll(() => lives(left), { timeout: 45_000 }).toBe(false);
    expect(await readFile(join(whole.path, 'z.txt'), 'utf8')).toBe('z\ndone\n');
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: whole.path, encoding: 'utf8' })).toBe(' M z.txt\n');
  }, 180_000);
});

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
