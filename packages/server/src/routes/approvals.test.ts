import { insertTestSession } from '@signalbox/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
let sessionId: string;
const keys: Record<string, string> = {};
let calls = 0;
beforeAll(async () => {
  api = await openApi({ environment: { SIGNALBOX_AUTH: 'required' } });
  const project = await api.core.projects.get('default');
  sessionId = await insertTestSession(api.core.database, project.id);
  for (const role of ['viewer', 'agent', 'approver', 'operator'] as const)
    keys[role] = (await api.core.keys.create(project.id, { name: `the ${role}`, role }, 'test')).secret;
});
afterAll(() => api.close());

const as = (role: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.call(method, `/api/v1/approvals${path}`, {
    ...(body === undefined ? {} : { body }),
    headers: { authorization: `Bearer ${keys[role]}`, ...headers },
  });
const ask = async (more: object = {}) =>
  (
    await as('agent', 'POST', '', {
      sessionId,
      tool: 'bash',
      workingDirectory: '/work',
      arguments: { command: `make ${++calls}` },
      ...more,
    })
  ).json;

describe('approvals over HTTP', () => {
  it('are asked by agents and answered by approvers; the session’s project alone sees them', async () => {
    const made = await ask({ terms: { reason: 'makes things' } });
    expect(made).toMatchObject({ status: 'pending', requestedBy: 'the agent', why: 'makes things' });
    for (const role of ['viewer', 'agent'])
      expect((await as(role, 'POST', `/${made.id}/approve`, {})).status).toBe(403);
    const approved = await as('approver', 'POST', `/${made.id}/approve`, { reason: 'fine' });
    expect([approved.status, approved.json]).toEqual([
      200,
      expect.objectContaining({ status: 'approved', decidedBy: 'the approver', reason: 'fine' }),
    ]);
    const again = await as('operator', 'POST', `/${made.id}/reject`);
    expect([again.status, again.json.code, again.json.by]).toEqual([409, 'APPROVAL_DECIDED', 'the approver']);
    expect((await as('viewer', 'GET', `/${made.id}`)).json.votes).toHaveLength(1);
    const other = await api.core.projects.create({ slug: 'other' }, 'test');
    const { secret } = await api.core.keys.create(other.id, { name: 'stranger', role: 'admin' }, 'test');
    const stranger = await as('', 'GET', `/${made.id}`, undefined, { authorization: `Bearer ${secret}` });
    expect([stranger.status, stranger.json.code]).toEqual([404, 'APPROVAL_NOT_FOUND']);
  });

  it('are not answered by who asked, whatever his role', async () => {
    const made = (await as('operator', 'POST', '', { sessionId, tool: 'bash', arguments: { command: 'own' } })).json;
    const own = await as('operator', 'POST', `/${made.id}/approve`);
    expect([own.status, own.json.code]).toEqual([403, 'APPROVAL_OWN']);
    expect((await as('operator', 'POST', `/${made.id}/withdraw`)).json.status).toBe('withdrawn');
  });

  it('are decided by one of a hundred who answer at once; the others are told by whom', {
    timeout: 60_000,
  }, async () => {
    const made = await ask();
    const project = await api.core.projects.get('default');
    const secrets: string[] = [];
    for (let n = 0; n < 100; n++)
      secrets.push((await api.core.keys.create(project.id, { name: `person ${n}`, role: 'approver' }, 'test')).secret);
    const answer = async (secret: string, verdict: string): ReturnType<typeof as> => {
      const answered = await as('', 'POST', `/${made.id}/${verdict}`, {}, { authorization: `Bearer ${secret}` });
      // So many at once may have to wait longer for a connection to the database than they are let; nothing was decided then.
      return answered.status === 503 ? answer(secret, verdict) : answered;
    };
    const answers = await Promise.all(secrets.map((secret, n) => answer(secret, n % 2 === 0 ? 'approve' : 'reject')));
    const [won, ...others] = answers.filter(({ status }) => status === 200);
    expect(others).toEqual([]);
    const lost = answers.filter(({ status }) => status !== 200);
    expect(lost.map(({ status, json }) => [status, json.code, json.by])).toEqual(
      Array.from({ length: 99 }, () => [409, 'APPROVAL_DECIDED', won?.json.decidedBy]),
    );
    expect((await as('viewer', 'GET', `/${made.id}`)).json.votes).toHaveLength(1);
  });

  it('hold the start of a session until they are decided', async () => {
    const request = (title: string) =>
      as('agent', 'POST', '/sessions', {
        session: { title, initialPrompt: 'Bring it live.' },
        terms: { reason: 'live' },
      });
    const statusOf = async (id: string) => (await api.call('GET', `/api/v1/sessions/${id}`, { headers })).json.status;
    const headers = { authorization: `Bearer ${keys.operator}` };
    const made = (await request('Deploy')).json;
    expect(made).toMatchObject({
      subject: 'session',
      status: 'pending',
      summary: 'session: Deploy',
      arguments: { prompt: 'Bring it live.' },
    });
    const start = await api.call('POST', `/api/v1/sessions/${made.sessionId}/start`, { headers });
    expect([start.status, start.json.code, start.json.approval]).toEqual([409, 'SESSION_HELD', made.id]);
    expect(await statusOf(made.sessionId)).toBe('pending');
    await as('approver', 'POST', `/${made.id}/approve`);
    expect(await statusOf(made.sessionId)).toBe('running');
    const late = await as('agent', 'POST', '', { subject: 'session', sessionId: made.sessionId });
    expect([late.status, late.json.code]).toEqual([409, 'APPROVAL_TOO_LATE']);

    const refused = (await request('Deploy more')).json;
    await as('approver', 'POST', `/${refused.id}/reject`, { reason: 'not today' });
    expect(await statusOf(refused.sessionId)).toBe('cancelled');
  });

  it('are edited, commented and listed, and what nobody knows is refused', async () => {
    const made = await ask();
    expect((await as('agent', 'POST', `/${made.id}/comments`, { text: ' why? ' })).json).toMatchObject({
      text: 'why?',
    });
    const stale = await as('approver', 'POST', `/${made.id}/reject`, {}, { 'if-match': '"7"' });
    expect([stale.status, stale.json.code]).toEqual([412, 'OPTIMISTIC_LOCK']);
    const edited = await as('approver', 'POST', `/${made.id}/edit-and-approve`, {
      arguments: { command: 'make less' },
    });
    expect(edited.json).toMatchObject({ status: 'approved', editedArguments: { command: 'make less' } });
    expect(
      (await as('viewer', 'GET', `?decidedBy=the%20approver&sessionId=${sessionId}&sortBy=decidedAt`)).json.total,
    ).toBe(2);
    for (const [path, code] of [
      ['?state=open', 'UNKNOWN_FILTER'],
      ['?status=open', 'INVALID_STATUS'],
      ['?sortBy=summary', 'UNKNOWN_SORT_KEY'],
    ] as const) {
      const refused = await as('viewer', 'GET', path);
      expect([refused.status, refused.json.code]).toEqual([400, code]);
    }
    const odd = await as('agent', 'POST', '', { sessionId, tool: 'bash', urgent: true });
    expect([odd.status, odd.json.code]).toEqual([400, 'UNKNOWN_FIELD']);
  });
});
