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
    expect((await as('viewer', 'GET', `?status=approved&sessionId=${sessionId}&sortBy=decidedAt`)).json.total).toBe(2);
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
