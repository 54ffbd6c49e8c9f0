import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Claim } from '../tasks/index.ts';
import { describeOnBackends } from '../testing/index.ts';
import { codeOf, openFixture, type SessionFixture } from './testing/session-fixture.ts';

describeOnBackends('the life of a session', (backend) => {
  let f: SessionFixture;
  beforeAll(async () => {
    f = await openFixture(backend);
  });
  afterAll(() => f.db.close());

  const startedAt = async (id: string) => (await f.sessions.metrics(f.projectId, id)).startedAt;
  /** Moves what the metrics know of the past by that many seconds further into it. */
  const shift = (id: string, columns: string[], seconds: number) =>
    f.sql(
      `UPDATE session_metrics SET ${columns.map((column) => `${column} = ${column} - $2 * interval '1 second'`)} WHERE session_id = $1`,
      [id, seconds],
    );

  it('A8: pause and resume leave the start alone, a second start is refused, events tell the true statuses', async () => {
    const { sessions, projectId } = f;
    const { id } = await f.make();
    expect((await sessions.start(projectId, id, 'a')).status).toBe('running');
    const first = await startedAt(id);
    expect(first).not.toBeNull();
    expect((await sessions.pause(projectId, id, 'a')).status).toBe('paused');
    const resumed = await sessions.resume(projectId, id, 'a');
    expect(resumed).toMatchObject({ status: 'running', version: 4 });
    expect(await startedAt(id)).toBe(first);
    await expect(sessions.start(projectId, id, 'a')).rejects.toMatchObject({
      code: 'INVALID_TRANSITION',
      details: { from: 'running', to: 'running' },
    });
    expect((await sessions.get(projectId, id))?.version).toBe(4);
    expect((await f.news(id)).slice(1)).toEqual([
      { sessionId: id, change: 'status', oldStatus: 'pending', status: 'running', version: 2 },
      { sessionId: id, change: 'status', oldStatus: 'running', status: 'paused', version: 3 },
      { sessionId: id, change: 'status', oldStatus: 'paused', status: 'running', version: 4 },
    ]);
    const journal = await f.sql('SELECT type, actor, payload FROM journal_events WHERE session_id = $1 ORDER BY seq', [
      id,
    ]);
    expect(journal).toEqual([
      { type: 'start', actor: 'a', payload: { from: 'pending', to: 'running', attempt: 1 } },
      { type: 'status', actor: 'a', payload: { from: 'running', to: 'paused', attempt: 1 } },
      { type: 'status', actor: 'a', payload: { from: 'paused', to: 'running', attempt: 1 } },
    ]);
  });

  it('A9: completing stores result, scores and times, and tells of the status first, then of the result', async () => {
    const { sessions, projectId } = f;
    const { id } = await f.makeIn('running');
    const outcome = { result: { merged: true }, successRate: 0.8, confidenceScore: 0.9 };
    expect(await sessions.complete(projectId, id, outcome, 'a')).toMatchObject({ status: 'completed', version: 3 });
    const metrics = await sessions.metrics(projectId, id);
    expect(metrics).toMatchObject({ ...outcome, error: null });
    expect(metrics.completedAt).toBe((await sessions.get(projectId, id))?.statusUpdatedAt);
    expect(metrics.endedAt).toBe(metrics.completedAt);
    const seconds = (Date.parse(metrics.completedAt ?? '') - Date.parse(metrics.startedAt ?? '')) / 1000;
    expect(metrics.executionDurationSeconds).toBeCloseTo(seconds, 6);
    expect((await f.news(id)).slice(2)).toEqual([
      { sessionId: id, change: 'status', oldStatus: 'running', status: 'completed', version: 3 },
      {
        sessionId: id,
        change: 'completed',
        status: 'completed',
        version: 3,
        successRate: 0.8,
        confidenceScore: 0.9,
        executionDurationSeconds: metrics.executionDurationSeconds,
      },
    ]);
  });

  it('A10: of two retries at once one wins; a failure that cannot be retried stays', async () => {
    const { sessions, projectId } = f;
    const { id } = await f.makeIn('running');
    const failure = { error: { name: 'ToolError', message: 'no disk' }, errorContext: { disk: 'full' } };
    const failed = await sessions.fail(projectId, id, { ...failure, retryable: true }, 'a');
    expect(failed).toMatchObject({ status: 'failed', retryable: true });
    const stored = { type: 'ToolError', message: 'no disk', context: { disk: 'full' } };
    expect((await sessions.metrics(projectId, id)).error).toEqual(stored);
    expect((await f.news(id)).at(-1)).toMatchObject({ change: 'failed', errorType: 'ToolError', retryable: true });

    const both = await Promise.allSettled([1, 2].map(() => sessions.retry(projectId, id, {}, 'a')));
    const won = both.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const lost = both.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(won).toMatchObject([{ status: 'pending', attempt: 2, retryable: null }]);
    expect(lost).toEqual(['SESSION_NOT_RECOVERABLE']);
    expect(await sessions.metrics(projectId, id)).toMatchObject({
      retryCount: 1,
      startedAt: null,
      failedAt: null,
      endedAt: null,
      error: null,
      totalDurationSeconds: null,
    });
    expect(await sessions.attempts(projectId, id)).toMatchObject([
      { attempt: 1, status: 'failed', error: stored, result: null },
    ]);
    expect((await f.news(id)).filter((one) => one.status === 'pending' && one.oldStatus === 'failed')).toHaveLength(1);

    const hopeless = await f.makeIn('running');
    await sessions.fail(projectId, hopeless.id, { error: 'no', retryable: false }, 'a');
    expect(await codeOf(sessions.retry(projectId, hopeless.id, {}, 'a'))).toBe('SESSION_NOT_RECOVERABLE');
    expect(await sessions.retryAutomatically(projectId, hopeless.id, 'a')).toBeNull();
    expect(await sessions.get(projectId, hopeless.id)).toMatchObject({
      status: 'failed',
      retryable: false,
      attempt: 1,
    });
  });

  it('retries until they are used up', async () => {
    const { sessions, projectId } = f;
    const { id } = await f.make({ maxRetries: 2 });
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await sessions.start(projectId, id, 'a');
      await sessions.fail(projectId, id, { error: `failure ${attempt}` }, 'a');
      const recoverable = (await sessions.metrics(projectId, id)).isRecoverable;
      expect(recoverable).toBe(attempt < 3);
      const code = await codeOf(sessions.retry(projectId, id, {}, 'a'));
      expect(code).toBe(attempt < 3 ? null : 'SESSION_NOT_RECOVERABLE');
    }
    const attempts = await sessions.attempts(projectId, id);
    expect(attempts.map(({ attempt, error }) => [attempt, (error as { message: string }).message])).toEqual([
      [1, 'failure 1'],
      [2, 'failure 2'],
    ]);
    expect((await sessions.metrics(projectId, id)).error).toMatchObject({ message: 'failure 3' });
  });

  it('retries of a session with a runtime queue its next run, from the checkpoint asked for', async () => {
    const { sessions, projectId } = f;
    const workspace = await f.workspaces.ensure(projectId, process.cwd(), 'x');
    const run = { runtime: 'command' as const, command: ['true'], workspaceId: workspace.id };
    const { id } = await f.make({ ...run, start: true });
    // As a run does it: the claim ends first.
    const runAndFail = async () => {
      const [claim] = await f.claimRuns();
      await sessions.begin(projectId, id, 'agent');
      await f.tasks.fail(claim as Claim, { name: 'E', message: '', retryable: false });
    };
    await runAndFail();
    await sessions.addCheckpoint(projectId, id, { data: { step: 1 } });
    await sessions.fail(projectId, id, { error: 'x' }, 'agent');
    expect(await codeOf(sessions.retry(projectId, id, { fromCheckpoint: 2 }, 'a'))).toBe('CHECKPOINT_NOT_FOUND');
    expect(await sessions.retry(projectId, id, { fromCheckpoint: 1 }, 'a')).toMatchObject({
      status: 'queued',
      attempt: 2,
    });
    const queued = `SELECT payload, run_at > now() AS later FROM tasks WHERE session_id = $1 AND status = 'queued'`;
    expect(await f.sql(queued, [id])).toEqual([{ payload: { attempt: 2, fromCheckpoint: 1 }, later: false }]);
    await runAndFail();
    await sessions.orphan(projectId, id, 'system');
    expect(await sessions.retryAutomatically(projectId, id, 'system')).toMatchObject({ status: 'queued', attempt: 3 });
    expect(await f.sql(queued, [id])).toEqual([{ payload: { attempt: 3 }, later: true }]);
  });

  it('what ends a run takes its claim away: the old token may write no more', async () => {
    const { sessions, projectId } = f;
    const workspace = await f.workspaces.ensure(projectId, process.cwd(), 'x');
    const { id } = await f.make({ runtime: 'command', command: ['true'], workspaceId: workspace.id, start: true });
    const [claim] = await f.claimRuns();
    expect(claim?.sessionId).toBe(id);
    await f.sql('UPDATE journal_heads SET fencing_token = $2 WHERE session_id = $1', [id, claim?.token]);
    await sessions.begin(projectId, id, 'agent');
    await sessions.stop(projectId, id, 'operator');
    expect(await f.tasks.heartbeat(claim ? [claim] : [], 30)).toEqual([claim]);
    expect(await f.sql('SELECT fencing_token FROM journal_heads WHERE session_id = $1', [id])).toEqual([
      { fencing_token: null },
    ]);
  });

  it('leaves pauses out of the time of execution, and waiting out of both', async () => {
    const { sessions, projectId } = f;
    const { id } = await f.make();
    await shift(id, ['queued_at', 'created_at'], 100);
    await sessions.start(projectId, id, 'a');
    await shift(id, ['queued_at', 'created_at', 'started_at'], 50);
    await sessions.pause(projectId, id, 'a');
    await shift(id, ['queued_at', 'created_at', 'started_at', 'paused_at'], 1000);
    await sessions.resume(projectId, id, 'a');
    await shift(id, ['queued_at', 'created_at', 'started_at'], 7);
    await sessions.stop(projectId, id, 'a');
    const metrics = await sessions.metrics(projectId, id);
    expect(metrics.queueDurationSeconds).toBeCloseTo(100, -1);
    expect(metrics.pausedSeconds).toBeCloseTo(1000, -1);
    expect(metrics.executionDurationSeconds).toBeCloseTo(57, -1);
    expect(metrics.totalDurationSeconds).toBeCloseTo(1157, -1);
    expect(metrics).toMatchObject({ completedAt: null, failedAt: null });
  });

  it('ends the pause of a call that waits for people, and no pause that somebody made', async () => {
    const { sessions, projectId } = f;
    const { id, version } = await f.makeIn('running');
    const held = async () => [
      await sessions.hold(projectId, id, 'runner'),
      await sessions.letGo(projectId, id, 'runner'),
    ];
    expect(await held()).toEqual(['paused', 'running']);
    expect((await sessions.get(projectId, id))?.version).toBe(version + 2);

    // Somebody pauses it as well while it waits.
    await sessions.hold(projectId, id, 'runner');
    expect(await sessions.pause(projectId, id, 'olga')).toMatchObject({ status: 'paused', version: version + 3 });
    await expect(sessions.pause(projectId, id, 'olga')).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    expect(await sessions.letGo(projectId, id, 'runner')).toBe('paused');

    // It was paused before it had to wait.
    expect(await held()).toEqual(['paused', 'paused']);

    // It was resumed while it waited, and paused again.
    await sessions.resume(projectId, id, 'olga');
    await sessions.hold(projectId, id, 'runner');
    await sessions.resume(projectId, id, 'olga');
    expect(await sessions.letGo(projectId, id, 'runner')).toBe('running');
    await sessions.hold(projectId, id, 'runner');
    await sessions.resume(projectId, id, 'olga');
    await sessions.update(projectId, id, { status: 'paused' }, 'olga');
    expect(await sessions.letGo(projectId, id, 'runner')).toBe('paused');
  });

  it('times out what runs over its limit, counts no pauses, and ends pauses after a day', async () => {
    const { sessions, projectId } = f;
    const over = await f.makeIn('running');
    await shift(over.id, ['started_at'], 3700);
    const longPause = await f.makeIn('paused');
    await shift(longPause.id, ['started_at', 'paused_at'], 20_000);
    const endlessPause = await f.makeIn('paused');
    await shift(endlessPause.id, ['started_at', 'paused_at'], 90_000);
    const found = (await sessions.findRunOverdue()).map(({ id, rule }) => [id, rule]);
    expect(found).toEqual(
      [
        [over.id, 'run_limit'],
        [endlessPause.id, 'pause_limit'],
      ].sort(),
    );
    const ended = (await sessions.timeOutOverdue('system')).map(({ id }) => id);
    expect(ended.sort()).toEqual([over.id, endlessPause.id].sort());
    expect((await sessions.get(projectId, over.id))?.status).toBe('timeout');
    expect((await sessions.metrics(projectId, over.id)).error).toMatchObject({ type: 'SESSION_TIMEOUT' });
    expect((await sessions.get(projectId, longPause.id))?.status).toBe('paused');
    expect(await sessions.timeOutOverdue('system')).toEqual([]);
  });

  it('expires what has outlived its ttl or the retention, and nothing that has ended', async () => {
    const { sessions, projectId } = f;
    const due = await f.make({ ttl: 60 });
    const renewed = await f.make({ ttl: 60 });
    const ended = await f.makeIn('completed', { ttl: 60 });
    const ancient = await f.makeIn('paused');
    await f.sql(`UPDATE journal_heads SET expires_at = now() - interval '1 second' WHERE session_id = ANY($1)`, [
      [due.id, ended.id],
    ]);
    await f.sql(`UPDATE sessions SET created_at = now() - interval '8 days', version = version + 1 WHERE id = $1`, [
      ancient.id,
    ]);
    expect(await codeOf(sessions.join(projectId, due.id, { agent: 'late' }))).toBe('SESSION_EXPIRED');
    const expired = (await sessions.expireDue('system')).map(({ id }) => id);
    expect(expired.sort()).toEqual([due.id, ancient.id].sort());
    expect(await sessions.get(projectId, due.id)).toMatchObject({ status: 'expired', updatedBy: 'system' });
    expect((await sessions.get(projectId, renewed.id))?.status).toBe('pending');
    expect((await sessions.get(projectId, ended.id))?.status).toBe('completed');
    expect((await f.news(due.id)).at(-1)).toMatchObject({ change: 'status', oldStatus: 'pending', status: 'expired' });
    expect(await codeOf(sessions.addCheckpoint(projectId, due.id, { data: 1 }))).toBe('SESSION_EXPIRED');
    expect(await codeOf(sessions.retry(projectId, due.id, {}, 'a'))).toBe('SESSION_NOT_RECOVERABLE');
    expect(await sessions.expireDue('system')).toEqual([]);
  });

  it('members join once and in order; when the last one leaves, a session with a lifetime has 300 s left', async () => {
    const { sessions, projectId } = f;
    const { id } = await f.make({ ttl: 3600, createdBy: 'a' });
    const join = (agent: string) => sessions.join(projectId, id, { agent });
    await Promise.all([join('b'), join('b'), join('b')]);
    expect((await join('c')).agentIds).toEqual(['a', 'b', 'c']);
    const leave = (agent: string) => sessions.leave(projectId, id, { agent });
    expect((await leave('b')).agentIds).toEqual(['a', 'c']);
    expect((await join('b')).agentIds).toEqual(['a', 'b', 'c']);
    await leave('a');
    await leave('a');
    await leave('b');
    const last = await leave('c');
    expect(last).toMatchObject({ agentIds: [], version: 1 });
    const left = (Date.parse(last.expiresAt ?? '') - Date.now()) / 1000;
    expect(left).toBeGreaterThan(290);
    expect(left).toBeLessThanOrEqual(300);
    const handoffs = await f.sql<{ payload: { direction: string; agent: string } }>(
      `SELECT payload FROM journal_events WHERE session_id = $1 AND type = 'handoff' ORDER BY seq`,
      [id],
    );
    expect(handoffs.map(({ payload }) => `${payload.agent} ${payload.direction}`)).toEqual([
      'b joined',
      'c joined',
      'b left',
      'b joined',
      'a left',
      'b left',
      'c left',
    ]);
  });

  it('adds usage up exactly, also beyond 2^53, and leaves what nobody measured null', async () => {
    const { sessions, projectId } = f;
    const { id } = await f.makeIn('running');
    await f.sql('UPDATE session_metrics SET input_tokens = 9007199254740993 WHERE session_id = $1', [id]);
    const usage = { apiCalls: 2, apiErrors: 1, inputTokens: 1, costMicroUsd: 5, peakMemoryMb: 10, warnings: ['w'] };
    await Promise.all([1, 2, 3].map(() => sessions.addUsage(projectId, id, usage)));
    await sessions.addUsage(projectId, id, { peakMemoryMb: 4 });
    expect(await sessions.metrics(projectId, id)).toMatchObject({
      apiCallsCount: 6,
      apiErrorsCount: 3,
      apiErrorRate: 0.5,
      isHealthy: false,
      inputTokens: '9007199254740996',
      totalTokensUsed: '3',
      outputTokens: null,
      estimatedCostMicroUsd: '15',
      memoryUsageMb: 10,
      warnings: ['w', 'w', 'w'],
    });
    expect((await sessions.get(projectId, id))?.version).toBe(2);
  });
});
