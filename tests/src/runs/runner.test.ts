import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reapLostRuns, type SessionStatus } from '@signalbox/core';
import { describeOnBackends, expireTestClaim } from '@signalbox/core/testing';
import { afterEach, expect, test } from 'vitest';
import { processesOf } from '../processes/processes-of.ts';
import { quickClock } from './quick-clock.ts';
import { openRuns, type RunHarness } from './run-harness.ts';

describeOnBackends('running sessions', (backend) => {
  let runs: RunHarness;
  afterEach(() => runs.close());

  const leaseOver = (sessionId: string) => expireTestClaim(runs.opened.database, { sessionId });
  const started = async (sessionId: string) => {
    await expect.poll(() => existsSync(join(runs.work, 'started')), { timeout: 20_000 }).toBe(true);
    return runs.reaches(sessionId, 'running');
  };

  test('a session runs to its end: output, file changes, result, metrics, checkpoint and task', async () => {
    runs = await openRuns(backend);
    await writeFile(join(runs.work, 'a.txt'), 'one\n');
    const made = await runs.script('echo hello; echo oops >&2; echo two >> a.txt; echo new > b.txt');
    expect(made.status).toBe('queued');
    runs.runner.start();
    const done = await runs.reaches(made.id, 'completed', 'failed');
    expect(done.status).toBe('completed');

    const events = await runs.events(made.id);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.find((event) => event.type === 'start')?.payload).toMatchObject({
      from: 'queued',
      to: 'running',
      attempt: 1,
    });
    const output = (stream: string) =>
      events
        .filter((event) => event.type === 'output' && (event.payload as { stream: string }).stream === stream)
        .map((event) => (event.payload as { text: string }).text)
        .join('');
    expect([output('stdout'), output('stderr')]).toEqual(['hello\n', 'oops\n']);
    const changes = events.filter((event) => event.type === 'file_change').map((event) => event.payload);
    expect(changes).toMatchObject([
      { path: 'a.txt', operation: 'modified', additions: 1, deletions: 0 },
      { path: 'b.txt', operation: 'added' },
    ]);
    expect((changes[0] as { diff: string }).diff).toContain('+two');
    expect(events.at(-1)).toMatchObject({ type: 'status', payload: { from: 'running', to: 'completed' } });

    const metrics = await runs.core.sessions.metrics(runs.projectId, made.id);
    expect(metrics).toMatchObject({ result: { exitCode: 0 }, checkpointCount: 1 });
    expect(metrics.executionDurationSeconds).toBeGreaterThan(0);
    const [checkpoint] = await runs.core.sessions.listCheckpoints(runs.projectId, made.id);
    expect(checkpoint).toMatchObject({
      sequence: 1,
      data: { end: 'finished', treeId: expect.stringMatching(/^[0-9a-f]{40}$/) },
    });
    expect(await taskStatuses(made.id)).toEqual(['completed']);
    expect(processesOf(made.id)).toEqual([]);
  });

  test('a program that fails fails its session, with its exit code', async () => {
    runs = await openRuns(backend);
    const { id } = await runs.script('echo before; exit 3');
    runs.runner.start();
    const failed = await runs.reaches(id, 'completed', 'failed');
    expect(failed).toMatchObject({ status: 'failed' });
    const { error } = await runs.core.sessions.metrics(runs.projectId, id);
    expect(error).toMatchObject({ context: { exitCode: 3 } });
    expect(await taskStatuses(id)).toEqual(['failed']);
  });

  test('a program that cannot be started fails its session and says why', async () => {
    runs = await openRuns(backend);
    const { id } = await runs.script('', { command: ['no-such-program-anywhere'] });
    runs.runner.start();
    await runs.reaches(id, 'failed');
    const { error } = await runs.core.sessions.metrics(runs.projectId, id);
    expect(JSON.stringify(error)).toContain('no-such-program-anywhere');
  });

  test('cancel ends the whole tree, and what it had changed is recorded', async () => {
    runs = await openRuns(backend);
    const { id } = await runs.script('(setsid sleep 300 &) ; echo kept > kept.txt; touch started; sleep 300');
    runs.runner.start();
    await started(id);
    expect(processesOf(id).length).toBeGreaterThan(0);
    await runs.core.sessions.cancel(runs.projectId, id, 'me');
    await expect.poll(() => processesOf(id), { timeout: 20_000 }).toEqual([]);
    await expect.poll(() => runs.runner.sessions, { timeout: 20_000 }).toEqual([]);
    expect((await runs.session(id)).status).toBe('cancelled');
    const events = await runs.events(id);
    expect(
      events.filter((event) => event.type === 'file_change').map((event) => (event.payload as { path: string }).path),
    ).toEqual(expect.arrayContaining(['kept.txt']));
    expect(events.at(-1)).toMatchObject({ type: 'status', payload: { phase: 'run_stopped' } });
    expect(await taskStatuses(id)).toEqual(['cancelled']);
  });

  test('pause freezes the program, resume lets it go on, and paused time does not count', {
    timeout: 180_000,
  }, async () => {
    runs = await openRuns(backend);
    const { id } = await runs.script(
      'touch started; i=0; while [ $i -lt 4000 ]; do i=$((i+1)); echo $i > count; [ -f stop ] && exit 0; sleep 0.05; done; exit 1',
    );
    runs.runner.start();
    await started(id);
    const count = () => readFile(join(runs.work, 'count'), 'utf8');
    await runs.core.sessions.pause(runs.projectId, id, 'me');
    await expect.poll(async () => (await count()) === (await after(300, count)), { timeout: 60_000 }).toBe(true);
    const frozen = await count();
    expect(await after(500, count)).toBe(frozen);
    await runs.core.sessions.resume(runs.projectId, id, 'me');
    await expect.poll(count, { timeout: 60_000 }).not.toBe(frozen);
    await writeFile(join(runs.work, 'stop'), '');
    expect((await runs.reaches(id, 'completed', 'failed')).status).toBe('completed');
    expect((await runs.core.sessions.metrics(runs.projectId, id)).pausedSeconds).toBeGreaterThan(0.5);
  });

  test('cancel works while paused', async () => {
    runs = await openRuns(backend);
    const { id } = await runs.script('touch started; sleep 300');
    runs.runner.start();
    await started(id);
    await runs.core.sessions.pause(runs.projectId, id, 'me');
    await after(300, async () => undefined);
    await runs.core.sessions.cancel(runs.projectId, id, 'me');
    await expect.poll(() => processesOf(id), { timeout: 20_000 }).toEqual([]);
    expect((await runs.session(id)).status).toBe('cancelled');
  });

  test('a run over its time limit is ended and timed out', async () => {
    runs = await openRuns(backend, { clock: quickClock(40) });
    const { id } = await runs.script('touch started; sleep 300', { limits: { maxDurationSeconds: 60 } });
    runs.runner.start();
    expect((await runs.reaches(id, 'timeout', 'completed', 'failed')).status).toBe('timeout');
    expect(processesOf(id)).toEqual([]);
    expect((await runs.core.sessions.metrics(runs.projectId, id)).error).toMatchObject({ type: 'SESSION_TIMEOUT' });
  });

  test('a lost claim orphans the session, ends the run, and nothing the old holder says is recorded', async () => {
    runs = await openRuns(backend, { clock: quickClock(20) });
    const { id } = await runs.script('touch started; while true; do echo still here; sleep 0.05; done');
    runs.runner.start();
    await started(id);
    await leaseOver(id);
    const lost = await reapLostRuns(runs.core);
    expect(lost).toMatchObject([{ agent: 'runner-1', sessionId: id, status: 'dead' }]);
    const orphaned = await runs.session(id);
    expect(orphaned.status).toBe('orphaned');
    await expect.poll(() => processesOf(id), { timeout: 20_000 }).toEqual([]);
    await expect.poll(() => runs.runner.sessions, { timeout: 20_000 }).toEqual([]);
    expect((await runs.events(id)).at(-1)?.seq).toBe(orphaned.lastSeq);
    expect((await runs.session(id)).status).toBe('orphaned');
  });

  test('a session that says so is resumed after its runner was lost, as its next attempt', async () => {
    runs = await openRuns(backend, { clock: quickClock(20) });
    const { id } = await runs.script('if [ -f started ]; then echo again; exit 0; fi; touch started; sleep 300', {
      onOrphan: 'resume',
    });
    runs.runner.start();
    await started(id);
    await runs.runner.stop('stop');
    const waiting = await runs.session(id);
    expect(waiting).toMatchObject({ status: 'queued', attempt: 2 });
    expect(processesOf(id)).toEqual([]);
    runs.newRunner().start();
    const done = await runs.reaches(id, 'completed', 'failed');
    expect(done).toMatchObject({ status: 'completed', attempt: 2 });
    expect(await runs.core.sessions.attempts(runs.projectId, id)).toMatchObject([{ attempt: 1, status: 'orphaned' }]);
  });

  test('a claim lost before the run began puts the session back into the queue', async () => {
    runs = await openRuns(backend);
    const { id } = await runs.script('exit 0');
    await runs.core.tasks.claimOfAllProjects({
      agent: 'ghost',
      queues: ['sessions'],
      types: null,
      able: [],
      limit: 1,
      leaseSeconds: 30,
    });
    await leaseOver(id);
    await reapLostRuns(runs.core);
    expect((await runs.session(id)).status).toBe('queued');
    runs.runner.start();
    expect((await runs.reaches(id, 'completed', 'failed')).status).toBe('completed');
  });

  test('a runner runs no more than its capacity at once, and all in the end', async () => {
    runs = await openRuns(backend);
    const made = await Promise.all([1, 2, 3, 4, 5].map(() => runs.script('until [ -f go ]; do sleep 0.05; done')));
    const runner = runs.newRunner({ capacity: 2 });
    runner.start();
    await expect.poll(() => runner.sessions.length).toBe(2);
    await writeFile(join(runs.work, 'go'), '');
    let most = 0;
    await expect
      .poll(
        async () => {
          most = Math.max(most, runner.sessions.length);
          const statuses = await Promise.all(made.map(async ({ id }) => (await runs.session(id)).status));
          return statuses.filter((status: SessionStatus) => status === 'completed').length;
        },
        { timeout: 20_000, interval: 20 },
      )
      .toBe(5);
    expect(most).toBe(2);
  });

  async function taskStatuses(sessionId: string): Promise<string[]> {
    const rows = await runs.opened.database.query<{ status: string }>(
      { name: '', text: 'SELECT status FROM tasks WHERE session_id = $1 ORDER BY created_at' },
      [sessionId],
    );
    return rows.map((row) => row.status);
  }
});

async function after<T>(ms: number, read: () => Promise<T>): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return read();
}
