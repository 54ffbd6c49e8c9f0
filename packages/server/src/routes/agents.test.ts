import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const post = (path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
  api.call('POST', `/api/v1${path}`, { body, headers });
const get = (path: string) => api.call('GET', `/api/v1${path}`);
const enqueue = async (body: Record<string, unknown>) => (await post('/tasks', body)).json.taskId as string;

describe('agents over HTTP', () => {
  it('register, are heard of, claim within their abilities, and finish', async () => {
    const registered = await post('/agents', { id: 'w1', capabilities: ['ts@5.6.0'], maxLoad: 2 });
    expect([registered.status, registered.headers.etag]).toEqual([201, '"1"']);
    expect(registered.json).toMatchObject({
      id: 'w1',
      status: 'active',
      capabilities: [{ name: 'ts', version: '5.6.0' }],
    });
    const taskId = await enqueue({ type: 'work', queue: 'http', required: ['ts@^5'] });
    await enqueue({ type: 'work', queue: 'http', required: ['go'] });
    const claimed = await post('/agents/w1/claim', { queues: ['http'], limit: 5, waitSeconds: 1 });
    expect(claimed.json.items).toMatchObject([{ taskId, agent: 'w1' }]);
    const { token } = claimed.json.items[0];
    const beat = await post('/agents/w1/heartbeat', { status: 'idle', claims: [{ taskId, token }] });
    expect(beat.json).toEqual({ agentId: 'w1', duty: 'active', revived: false, lost: [], assigned: [] });
    expect((await get('/agents/w1')).json).toMatchObject({ load: 1, held: 1, status: 'idle' });
    expect((await post(`/tasks/${taskId}/complete`, { token })).status).toBe(200);
    expect((await post('/agents/w1/heartbeat', { claims: [{ taskId, token }] })).json.lost).toEqual([
      expect.objectContaining({ taskId, token }),
    ]);
    expect((await get('/agents?status=idle&load=0')).json).toMatchObject({ total: 1, items: [{ id: 'w1' }] });
    expect((await get('/agents/metrics')).json).toMatchObject({ totalAgents: 1, completedTasks: 1 });
  });

  it('answer with a code of their own for what cannot be', async () => {
    for (const [path, body, status, code] of [
      ['/agents/nobody/heartbeat', {}, 404, 'AGENT_UNKNOWN'],
      ['/agents/nobody/claim', {}, 404, 'AGENT_UNKNOWN'],
      ['/agents/nobody/drain', {}, 404, 'AGENT_UNKNOWN'],
      ['/agents', { id: 'metrics' }, 400, 'VALIDATION_FAILED'],
      ['/agents', { id: 'w', skills: [] }, 400, 'UNKNOWN_FIELD'],
      ['/agents/w1/heartbeat', { status: 'dead' }, 400, 'VALIDATION_FAILED'],
    ] as const) {
      const answer = await post(path, body);
      expect([path, answer.status, answer.json.code]).toEqual([path, status, code]);
    }
  });

  it('are drained, kept in maintenance and put on duty by people, who are named in the audit', async () => {
    await post('/agents', { id: 'w2' });
    const headers = { 'x-signalbox-actor': 'kim' };
    expect((await post('/agents/w2/drain', {}, { ...headers, 'if-match': '"7"' })).status).toBe(412);
    expect((await post('/agents/w2/drain', {}, headers)).json).toMatchObject({ status: 'draining' });
    expect((await post('/agents/w2/claim')).json.code).toBe('AGENT_UNAVAILABLE');
    expect((await post('/agents/w2/maintenance')).json).toMatchObject({ status: 'maintenance' });
    expect((await post('/agents/w2/resume')).json).toMatchObject({ status: 'active' });
    expect((await get('/audit?action=agent.drain&actor=kim')).json.total).toBe(1);
    expect((await api.call('DELETE', '/api/v1/agents/w2')).status).toBe(204);
    expect((await api.call('DELETE', '/api/v1/agents/w2')).status).toBe(204);
    expect((await get('/agents/w2')).status).toBe(404);
  });

  it('are given tasks of the queues that are set so, and a session is handed over', async () => {
    const { json: settings } = await get('/agents/settings');
    const change = { assignQueues: ['pushed'], strategy: { type: 'round-robin' } };
    const patch = (headers: Record<string, string>) =>
      api.call('PATCH', '/api/v1/agents/settings', { body: change, headers });
    expect((await patch({})).status).toBe(428);
    expect((await patch({ 'if-match': `"${settings.version}"` })).json).toMatchObject(change);
    const { json: session } = await post('/sessions', { title: 'Handed over', initialPrompt: 'Go.' });
    await post('/agents', { id: 'from', maxLoad: 2 });
    expect((await post('/agents/w1/drain')).status).toBe(200);
    const taskId = await enqueue({ type: 'work', queue: 'pushed', sessionId: session.id });
    await api.core.agents.assign(session.projectId);
    const { assigned } = (await post('/agents/from/heartbeat')).json;
    expect(assigned).toMatchObject([{ taskId, agent: 'from', sessionId: session.id }]);
    await post('/agents', { id: 'to', maxLoad: 2 });
    const request = { sessionId: session.id, fromAgent: 'from', toAgent: 'to', reason: 'end of shift' };
    const handoff = await post('/agents/handoffs', request);
    expect([handoff.status, handoff.json]).toMatchObject([201, { taskIds: [taskId], toAgent: 'to' }]);
    expect((await post('/agents/handoffs', request)).json.code).toBe('HANDOFF_NOT_OWNED');
    expect((await get('/agents/handoffs?toAgent=to')).json.items).toEqual([handoff.json]);
    expect((await post(`/tasks/${taskId}/complete`, { token: assigned[0].token })).json.code).toBe('CLAIM_LOST');
    expect((await post(`/tasks/${taskId}/complete`, { token: handoff.json.token })).status).toBe(200);
  });

  it('wait for work without holding anybody up', async () => {
    await post('/agents', { id: 'waits' });
    const waiting = post('/agents/waits/claim', { queues: ['later'], waitSeconds: 30 });
    await pause(50);
    const taskId = await enqueue({ type: 'work', queue: 'later' });
    expect((await waiting).json.items).toMatchObject([{ taskId }]);
  });
});
