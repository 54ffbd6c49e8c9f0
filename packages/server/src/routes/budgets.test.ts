import { afterAll, beforeAll, expect, it } from 'vitest';
import { observeCore } from '../metrics/core-readings.ts';
import { Metrics } from '../metrics/metrics.ts';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const call = (method: string, path: string, body?: unknown, version?: number) =>
  api.call(method, `/api/v1/budgets${path}`, {
    ...(body === undefined ? {} : { body }),
    ...(version === undefined ? {} : { headers: { 'if-match': `"${version}"` } }),
  });

it('budgets over HTTP are made, changed against a version, measured and removed', async () => {
  const daily = { name: 'daily', owner: { scope: 'project' }, limits: { costUsd: 25, tokens: 1000 }, period: 'day' };
  const made = await call('POST', '', daily);
  expect([made.status, made.headers.etag, made.json.spent]).toEqual([
    201,
    '"1"',
    { tokens: 0, costUsd: 0, seconds: 0, toolCalls: 0 },
  ]);
  expect((await call('POST', '', daily)).json.code).toBe('BUDGET_EXISTS');
  expect((await call('POST', '', { ...daily, limits: { tokens: 1, words: 1 } })).json.code).toBe('UNKNOWN_FIELD');
  expect((await call('PATCH', '/daily', { limits: { costUsd: 50 } })).status).toBe(428);
  expect((await call('PATCH', '/daily', { limits: { costUsd: 50 } }, 1)).json).toMatchObject({
    limits: { costUsd: 50 },
    period: 'day',
    version: 2,
  });
  const { id: projectId } = await api.core.projects.ensureDefault();
  const session = await api.core.sessions.create(projectId, { title: 'spends', initialPrompt: 'x' }, 'ann');
  await api.core.sessions.addUsage(projectId, session.id, { inputTokens: 7, costMicroUsd: 2_500_000 });
  expect((await call('GET', '')).json).toMatchObject({ total: 1, items: [{ name: 'daily', spent: { costUsd: 2.5 } }] });
  const metrics = new Metrics();
  observeCore(metrics, api.core, () => 0);
  const text = await metrics.registry.metrics();
  expect(text.match(/^signalbox_budget_.*/gm)).toEqual([
    'signalbox_budget_limit{project="default",budget="daily",measure="costUsd"} 50',
    'signalbox_budget_spent{project="default",budget="daily",measure="costUsd"} 2.5',
  ]);
  expect((await call('DELETE', '/daily', undefined, 1)).status).toBe(412);
  expect((await call('DELETE', '/daily', undefined, 2)).status).toBe(204);
  expect((await call('GET', '/daily')).json.code).toBe('BUDGET_NOT_FOUND');
});
