import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeOnBackends } from '@signalbox/core/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRuns, type RunHarness } from './run-harness.ts';

describeOnBackends('whose a change is, with real runs', (backend) => {
  let runs: RunHarness;
  beforeEach(async () => {
    runs = await openRuns(backend);
  });
  afterEach(() => runs.close());

  test('overlapping runs that touch one file are ambiguous, a person’s edit in between is external, a commit is vcs', async () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=u', '-c', 'user.email=u@example.com', ...args], { cwd: runs.work });
    git('init', '-q');
    await writeFile(join(runs.work, '.gitignore'), '.go*\n');
    await writeFile(join(runs.work, 'shared.txt'), 'start\n');
    git('add', '.');
    git('commit', '-qm', 'start');
    const until = (file: string) => `until [ -e ${file} ]; do sleep 0.05; done`;
    const one = await runs.script(`touch .go-one; ${until('.go-two')}; echo one >> shared.txt; ${until('.go-end')}`);
    const two = await runs.script(`touch .go-two; ${until('.go-one')}; echo two >> shared.txt; ${until('.go-end')}`);
    runs.runner.start();
    const changed = async () => (await runs.core.workspaceChanges.list(runs.projectId, { pageSize: 100 })).items;
    const ends = (sessionId: string) => runs.reaches(sessionId, 'completed', 'failed');
    await expect
      .poll(async () => (await changed()).map(({ path }) => path), { timeout: 60_000 })
      .toContain('shared.txt');
    await writeFile(join(runs.work, '.go-end'), '');
    for (const { id } of [one, two]) expect((await ends(id)).status).toBe('completed');
    const shared = (await changed()).filter(({ path }) => path === 'shared.txt');
    expect(new Set(shared.map(({ attribution }) => attribution))).toEqual(new Set(['ambiguous']));
    expect(shared[0]?.candidates.map(({ sessionId }) => sessionId).sort()).toEqual([one.id, two.id].sort());

    await writeFile(join(runs.work, 'person.txt'), 'mine\n');
    const three = await runs.script(
      'echo three > three.txt; git add three.txt; git -c user.name=u -c user.email=u@example.com commit -qm three; echo more > more.txt',
    );
    expect((await ends(three.id)).status).toBe('completed');
    const whose = (await changed()).filter(({ path }) => path !== 'shared.txt');
    expect(whose.map(({ path, attribution, sessionId }) => [path, attribution, sessionId]).sort()).toEqual([
      ['more.txt', 'window', three.id],
      ['person.txt', 'external', null],
      ['three.txt', 'vcs', three.id],
    ]);

    const told = async (sessionId: string) =>
      (await runs.events(sessionId))
        .filter(({ type }) => type === 'file_change')
        .map(({ payload }) => payload as { path: string; attribution: string; diff: string });
    for (const { id } of [one, two]) {
      expect(await told(id)).toEqual(
        expect.arrayContaining([expect.objectContaining({ path: 'shared.txt', attribution: 'ambiguous' })]),
      );
    }
    expect((await told(three.id)).map(({ path, attribution }) => [path, attribution]).sort()).toEqual([
      ['more.txt', 'window'],
      ['three.txt', 'vcs'],
    ]);
  }, 120_000);
});
