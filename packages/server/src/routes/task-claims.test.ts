import { promisify } from 'node:util';
import { expireTestClaim } from '@signalbox/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schedulerJobs } from '../roles/scheduler-jobs.ts';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const post = (path: string, body: unknown = {}) => api.call('POST', `/api/v1/tasks${path}`, { body });
const get = (path: string) => api.call('GET', `/api/v1/tasks${path}`);
const enqueue = async (task: Record<string, unknown>): Promise<string> => {
  const answer = await post('', { type: 'work', ...task });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json.taskId;
};
/** Claims what is in a queue of the test's own. */
const claim = async (queue: string, more: Record<string, unknown> = {}) => {
  const answer = await post('/claim', { agent: 'a1', queues: [queue], limit: 100, ...more });
  expect(answer.status).toBe(200);
  return answer.json.items;
};

describe('working over HTTP', () => {
  it('takes a task from enqueue to its result, telling how far it is', async () => {
    const first = await post('', { type: 'work', queue: 'life', payload: { n: 1 }, idempotencyKey: 'life-1' });
    expect([first.status, first.json]).toEqual([201, { taskId: expect.any(String), status: 'queued', created: true }]);
    const again = await post('', { type: 'work', queue: 'life', payload: { n: 1 }, idempotencyKey: 'life-1' });
    expect([again.status, again.json]).toEqual([200, { ...first.json, created: false }]);
    const other = await post('', { type: 'work', queue: 'life', payload: { n: 2 }, idempotencyKey: 'life-1' });
    expect([other.status, other.json.code]).toEqual([409, 'IDEMPOTENCY_CONFLICT']);

    const [held] = await claim('life');
    const { taskId } = first.json;
    expect(held).toMatchObject({ taskId, type: 'work', payload: { n: 1 }, attempt: 1, agent: 'a1' });
    expect(held).not.toHaveProperty('projectId');
    expect(new Date(held.expiresAt).getTime()).toBeGreaterThan(0);
    const { token } = held;
    expect((await post(`/${taskId}/begin`, { token })).json).toEqual({ taskId, status: 'running' });
    await post(`/${taskId}/progress`, { token, progress: { percent: 40 } });
    expect((await get(`/${taskId}`)).json).toMatchObject({ status: 'running', progress: { percent: 40 } });
    expect((await post('/heartbeat', { claims: [{ taskId, token }], leaseSeconds: 60 })).json).toEqual({ lost: [] });
    expect((await post(`/${taskId}/complete`, { token, result: 0 })).json).toEqual({ taskId, status: 'completed' });
    expect((await get(`/${taskId}`)).json).toMatchObject({ status: 'completed', result: 0 });
    expect((await get(`/${taskId}/attempts`)).json).toMatchObject({
      items: [{ attempt: 1, agent: 'a1', outcome: 'completed' }],
      total: 1,
    });
  });

  it('refuses every verb of a stale holder with CLAIM_LOST once its claim was reaped and is another’s', async () => {
    const taskId = await enqueue({ queue: 'stale' });
    const [stale] = await claim('stale');
    await expireTestClaim(api.core.database, { taskId });
    await api.core.database.transaction((tx) => api.core.tasks.within(tx).reap());
    const [fresh] = await claim('stale', { agent: 'a2' });
    expect(fresh.token).toBeGreaterThan(stale.token);

    const { token } = stale;
    for (const [verb, body] of [
      ['begin', { token }],
      ['progress', { token, progress: 1 }],
      ['complete', { token, result: 'late' }],
      ['fail', { token, error: 'late' }],
      ['release', { token }],
      ['decompose', { token, children: [{ type: 'work', queue: 'stale-child' }] }],
    ] as const) {
      const { status, json } = await post(`/${taskId}/${verb}`, body);
      expect([verb, status, json.code]).toEqual([verb, 409, 'CLAIM_LOST']);
    }
    const mine = { taskId, token };
    expect((await post('/heartbeat', { claims: [mine] })).json).toEqual({ lost: [mine] });
    expect((await post('/complete', { claims: [{ ...mine, result: 1 }] })).json).toEqual({ lost: [mine] });
    expect((await get(`/${taskId}`)).json).toMatchObject({ status: 'claimed', claimedBy: 'a2', result: null });
    expect(await claim('stale-child')).toEqual([]);
    expect((await post(`/${taskId}/complete`, { token: fresh.token })).status).toBe(200);
  });

  it('completes many at once and names those whose claim is lost', async () => {
    await post('/batch', { tasks: [1, 2, 3].map((n) => ({ type: 'work', queue: 'many', payload: { n } })) });
    const claims = await claim('many');
    expect(claims).toHaveLength(3);
    await post(`/${claims[1].taskId}/release`, { token: claims[1].token });
    const ended = await post('/complete', {
      claims: claims.map(({ taskId, token }: { taskId: string; token: number }, n: number) => ({
        taskId,
        token,
        result: n,
      })),
    });
    expect(ended.json).toEqual({ lost: [{ taskId: claims[1].taskId, token: claims[1].token }] });
    expect((await get(`/${claims[2].taskId}`)).json).toMatchObject({ status: 'completed', result: 2 });
  });

  it('waits for work, and gives none to a caller who has hung up', async () => {
    const waiting = claim('later', { waitSeconds: 30 });
    const taskId = await enqueue({ queue: 'later' });
    expect(await waiting).toMatchObject([{ taskId }]);

    const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
    const gone = new AbortController();
    const asked = fetch(`${address}/api/v1/tasks/claim`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ agent: 'gone', queues: ['empty'], waitSeconds: 30 }),
      signal: gone.signal,
    });
    const connections = () => promisify(api.app.server.getConnections).call(api.app.server);
    await expect.poll(connections).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    gone.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(connections).toBe(0);
    const left = await enqueue({ queue: 'empty' });
    expect(await claim('empty')).toMatchObject([{ taskId: left, attempt: 1, agent: 'a1' }]);
  });

  it('decomposes, and shows children, dependencies and the cycle that is refused', async () => {
    const parent = await enqueue({ queue: 'tree' });
    const [held] = await claim('tree');
    const made = await post(`/${parent}/decompose`, {
      token: held.token,
      children: [
        { ref: 'a', type: 'work' },
        { type: 'work', dependsOn: [{ ref: 'a', onFailure: 'skip' }] },
      ],
      afterwards: 'complete',
    });
    expect([made.status, made.json.items.map(({ status }: { status: string }) => status)]).toEqual([
      201,
      ['queued', 'waiting'],
    ]);
    const [a, b] = made.json.items.map(({ taskId }: { taskId: string }) => taskId);
    expect((await get(`/${parent}/children`)).json).toMatchObject({ total: 2, items: [{ id: a }, { id: b }] });
    expect((await get(`/${b}/dependencies`)).json.items).toEqual([
      { taskId: b, dependsOn: a, onFailure: 'skip', state: 'open' },
    ]);
    const cycle = await post(`/${a}/dependencies`, { dependsOn: [{ taskId: b }] });
    expect([cycle.status, cycle.json.code]).toEqual([409, 'TASK_DEPENDENCY_CYCLE']);
    expect(cycle.json.cycle).toContain(a);
    for (const id of [a, b]) {
      const [child] = await claim('tree');
      expect(child.taskId).toBe(id);
      await post(`/${id}/complete`, { token: child.token, result: { of: id } });
    }
    expect((await get(`/${parent}`)).json).toMatchObject({
      status: 'completed',
      result: [
        { taskId: a, result: { of: a } },
        { taskId: b, result: { of: b } },
      ],
    });
    const graph = await post('/batch', {
      tasks: [
        { ref: 'x', type: 'work', dependsOn: [{ ref: 'y' }] },
        { ref: 'y', type: 'work', dependsOn: [{ ref: 'x' }] },
      ],
    });
    expect([graph.status, graph.json.cycle]).toEqual([409, 'x → y → x']);
  });

  it('fails, redrives and discards, each by those who may', async () => {
    const [bad, worse] = [
      await enqueue({ queue: 'bad', maxAttempts: 2 }),
      await enqueue({ queue: 'bad', type: 'odd' }),
    ];
    for (const { taskId, token } of await claim('bad')) {
      await post(`/${taskId}/fail`, { token, error: { name: 'Broken', message: 'no' }, retryable: false });
    }
    expect((await get(`?status=failed&queue=bad`)).json).toMatchObject({ total: 2 });
    expect((await get(`/${bad}`)).json.error).toEqual({ name: 'Broken', message: 'no', retryable: false });
    expect((await post(`/${bad}/redrive`)).json).toMatchObject({ id: bad, status: 'queued', failures: 0 });
    expect((await post(`/${bad}/redrive`)).json.code).toBe('TASK_INVALID_TRANSITION');
    expect((await post('/redrive', { queue: 'bad', type: 'odd' })).json).toEqual({
      changed: 1,
      skipped: [],
      more: false,
    });
    const [again] = await claim('bad', { types: ['odd'] });
    await post(`/${worse}/fail`, { token: again.token, error: 'still', retryable: false });
    expect((await post(`/${worse}/discard`)).status).toBe(204);
    expect((await get(`/${worse}`)).status).toBe(404);
    expect((await post('/discard', { queue: 'bad' })).json).toMatchObject({ changed: 0 });
    const audit = (await api.call('GET', '/api/v1/audit?subjectType=task&pageSize=100')).json.items;
    const actions = audit.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(expect.arrayContaining(['task.redrive', 'task.discard']));
  });

  it('COORD-23: the scheduler fails what can no longer meet its deadline', async () => {
    const late = await enqueue({ queue: 'late', deadline: new Date().toISOString() });
    const job = schedulerJobs(api.core).find(({ name }) => name === 'fail overdue tasks');
    await job?.run();
    expect((await get(`/${late}`)).json).toMatchObject({ status: 'failed', error: { name: 'DEADLINE_MISSED' } });
    expect(await claim('late')).toEqual([]);
  });

  it('finds tasks by status whatever the status, also several', async () => {
    const [queued, finished] = [await enqueue({ queue: 'kinds' }), await enqueue({ queue: 'kinds', priority: 0 })];
    const [held] = await claim('kinds', { limit: 1 });
    const waiting = await enqueue({ queue: 'kinds', dependsOn: [{ taskId: queued }] });
    const of = async (status: string) =>
      (await get(`?queue=kinds&${status}`)).json.items.map(({ id }: { id: string }) => id);
    expect(await of('status=queued')).toEqual([queued]);
    expect(await of('status=waiting')).toEqual([waiting]);
    expect(await of('status=claimed')).toEqual([finished]);
    expect(await of('status.in=queued,waiting,claimed,running')).toHaveLength(3);
    await post(`/${finished}/complete`, { token: held.token });
    expect(await of('status.in=claimed,running')).toEqual([]);
    expect(await of('status.in=completed,queued')).toHaveLength(2);
    expect(await of('status=dead')).toEqual([]);
  });

  it('refuses what it cannot read', async () => {
    const id = '01900000-0000-7000-8000-000000000000';
    for (const [path, body] of [
      ['', { type: 'Not a type' }],
      ['', { type: 'work', dependsOn: [{ taskId: 'x' }] }],
      ['', { type: 'work', sessionId: 'x' }],
      ['/batch', { tasks: [] }],
      ['/batch', { tasks: [{ type: 'work' }, 7] }],
      ['/claim', { agent: 'a', limit: 0 }],
      ['/claim', { agent: 'a', waitSeconds: 31 }],
      ['/heartbeat', { claims: [] }],
      [`/${id}/complete`, {}],
      [`/${id}/complete`, { token: 'x' }],
    ] as const) {
      const { status, json } = await post(path, body);
      expect([path, body, status, json.code]).toEqual([path, body, 400, 'VALIDATION_FAILED']);
    }
    expect((await post(`/${id}/begin`, { token: 1 })).json.code).toBe('CLAIM_LOST');
    expect((await get(`/${id}/children`)).status).toBe(404);
    expect((await post('', { type: 'work', dependsOn: [{ taskId: id }] })).json.code).toBe('TASK_PREREQUISITE_UNKNOWN');
  });
});
