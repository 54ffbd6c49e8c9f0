import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreateSession } from '@signalbox/core';
import { describeOnBackends } from '@signalbox/core/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRuns, type RunHarness } from './run-harness.ts';

describeOnBackends('runs that claim paths before they begin', (backend) => {
  let runs: RunHarness;
  beforeEach(async () => {
    runs = await openRuns(backend);
    runs.runner.start();
  });
  afterEach(() => runs.close());

  const there = (name: string) =>
    access(join(runs.work, name)).then(
      () => true,
      () => false,
    );
  const soon = { timeout: 20_000, interval: 20 };
  /** A run that says by a file that it has begun, and goes on until the test lets it. */
  const start = (name: string, more: Partial<CreateSession>) =>
    runs.script(`touch ${name}; until [ -f ${name}.go ]; do sleep 0.02; done`, more);
  const letGo = (name: string) => writeFile(join(runs.work, `${name}.go`), '');
  const phases = async (id: string) =>
    (await runs.events(id)).flatMap(({ type, payload }) => {
      const { phase, detail } = payload as { phase?: string; detail?: Record<string, unknown> };
      return type === 'status' && phase !== undefined ? [{ phase, detail }] : [];
    });
  const says = (id: string, phase: string) =>
    expect.poll(async () => (await phases(id)).map((one) => one.phase), soon).toContain(phase);
  const claims = async () => (await runs.core.pathClaims.list(runs.projectId)).items;
  const holder = async () => {
    const first = await start('first', { title: 'Holds it', paths: ['out/**', { path: 'read', mode: 'shared' }] });
    await expect.poll(() => there('first'), soon).toBe(true);
    expect((await claims()).map(({ mode, origin, taskId }) => [mode, origin, typeof taskId])).toEqual([
      ['exclusive', 'session', 'string'],
      ['shared', 'session', 'string'],
    ]);
    return first;
  };

  test('it waits before it runs, and runs when the holder has ended', async () => {
    const first = await holder();
    const second = await start('second', { paths: ['out/a', { path: 'read', mode: 'shared' }] });
    await says(second.id, 'paths_waiting');
    expect((await phases(second.id)).at(-1)?.detail).toMatchObject({
      paths: ['out/a'],
      holders: [{ sessionId: first.id, sessionTitle: 'Holds it' }],
    });
    expect(await there('second')).toBe(false);
    await letGo('first');
    await runs.reaches(first.id, 'completed');
    await expect.poll(() => there('second'), soon).toBe(true);
    await letGo('second');
    await runs.reaches(second.id, 'completed');
    expect(await claims()).toEqual([]);
  });

  test('it fails where that is configured, with the holder named, and a retry may succeed', async () => {
    const first = await holder();
    const second = await start('second', { paths: ['out/a'], pathPolicy: { conflict: 'refuse' } });
    expect(await runs.reaches(second.id, 'failed')).toMatchObject({ retryable: true });
    const { error } = await runs.core.sessions.metrics(runs.projectId, second.id);
    expect(error).toMatchObject({ type: 'PATH_CLAIMED', message: expect.stringContaining('Holds it') });
    expect(await there('second')).toBe(false);
    await letGo('first');
    await runs.reaches(first.id, 'completed');
    await letGo('second');
    await runs.core.sessions.retry(runs.projectId, second.id, {}, 'me');
    await runs.reaches(second.id, 'completed');
  });

  test('a project’s settings decide where the session does not, and a limited wait ends', async () => {
    await holder();
    const { version } = await runs.core.projects.get(runs.projectId);
    await runs.core.projects.update(runs.projectId, version, { settings: { paths: { waitSeconds: 0.3 } } }, 'me');
    const late = await start('late', { paths: ['out/a'] });
    await runs.reaches(late.id, 'failed');
    const { error } = await runs.core.sessions.metrics(runs.projectId, late.id);
    expect(error).toMatchObject({ type: 'PATH_CLAIM_TIMEOUT' });
    await runs.core.projects.update(runs.projectId, version + 1, { settings: { paths: { conflict: 'warn' } } }, 'me');
    const bold = await start('bold', { paths: ['out/a'] });
    await letGo('bold');
    await runs.reaches(bold.id, 'completed');
    expect((await phases(bold.id)).map((one) => one.phase)).toContain('paths_refused');
  });

  test('cancelled while it waits, it never runs and leaves the queue', async () => {
    await holder();
    const second = await start('second', { paths: ['out/a'] });
    await says(second.id, 'paths_waiting');
    await runs.core.sessions.cancel(runs.projectId, second.id, 'me');
    await says(second.id, 'run_stopped');
    expect((await claims()).map(({ status }) => status)).toEqual(['held', 'held']);
    expect(await there('second')).toBe(false);
    expect((await runs.session(second.id)).status).toBe('cancelled');
  });

  test('what a command does to a path that another session has claimed is found, and both are warned', async () => {
    const other = await runs.core.sessions.create(
      runs.projectId,
      { title: 'Has it', initialPrompt: 'x', workspaceId: runs.workspaceId, start: true },
      'me',
    );
    await runs.core.pathClaims.claim(runs.projectId, { sessionId: other.id, paths: ['kept'] }, 'me');
    const second = await runs.script('echo x > kept; echo y > free; until [ -f go ]; do sleep 0.02; done');
    for (const id of [other.id, second.id]) {
      await expect
        .poll(async () => (await phases(id)).filter((one) => one.phase === 'conflict').map((one) => one.detail), soon)
        .toMatchObject([{ kind: 'claim', path: 'kept', bySession: second.id }]);
    }
    await writeFile(join(runs.work, 'go'), '');
    await runs.reaches(second.id, 'completed');
  });

  test('paths need a run that claims them', async () => {
    const create = runs.core.sessions.create(
      runs.projectId,
      { title: 'Driven', initialPrompt: 'x', paths: ['a'] },
      'me',
    );
    await expect(create).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    const outside = runs.script('true', { paths: ['../a'] });
    await expect(outside).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});
