import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const call = (method: string, path: string, body?: unknown, version?: number) =>
  api.call(method, `/api/v1/policies${path}`, {
    ...(body === undefined ? {} : { body }),
    ...(version === undefined ? {} : { headers: { 'if-match': `"${version}"` } }),
  });
const document = {
  name: 'house',
  rules: [{ id: 'rm', name: 'Ask before rm', match: { commands: [{ programs: ['rm'] }] }, effect: 'require_approval' }],
  default: 'allow',
};

it('policies over HTTP are checked, made, changed against a version, explained, tried and removed', async () => {
  expect((await call('POST', '/validate', document)).json).toMatchObject({ description: null, default: 'allow' });
  const wrong = { ...document, rules: [{ ...document.rules[0], match: { tols: ['bash'] } }] };
  const refused = await call('POST', '/validate', wrong);
  expect([refused.status, refused.json.code]).toEqual([400, 'UNKNOWN_FIELD']);
  expect(refused.text).toContain('rules.0.match.tols');

  const made = await call('POST', '', { document });
  expect([made.status, made.headers.etag, made.json.name]).toEqual([201, '"1"', 'house']);
  expect((await call('POST', '', { document })).json.code).toBe('POLICY_EXISTS');
  const asked = { tool: 'bash', arguments: { command: 'ls && rm x' } };
  expect((await call('POST', '/explain', asked)).json).toMatchObject({
    effect: 'require_approval',
    rule: { policyId: made.json.id, version: 1, ruleId: 'rm' },
    approval: { roles: ['approver'], onTimeout: 'deny' },
    commands: ['ls', 'rm x'],
  });
  expect((await call('POST', '/dry-run', { document })).json).toMatchObject({ calls: 0, affected: [] });
  expect((await call('PATCH', '/house', { enabled: false })).status).toBe(428);
  expect((await call('PATCH', '/house', { enabled: false }, 1)).json).toMatchObject({ enabled: false, version: 2 });
  expect((await call('POST', '/explain', asked)).json.effect).toBe('allow');
  expect((await call('GET', '')).json).toMatchObject({ total: 1, items: [{ name: 'house' }] });
  expect((await call('GET', '/house/versions')).json).toMatchObject({
    total: 2,
    items: [{ version: 2 }, { version: 1 }],
  });
  expect((await call('DELETE', '/house', undefined, 1)).status).toBe(412);
  expect((await call('DELETE', '/house', undefined, 2)).status).toBe(204);
  expect((await call('GET', '/house')).json.code).toBe('POLICY_NOT_FOUND');
});
