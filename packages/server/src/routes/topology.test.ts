import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.call(method, `/api/v1/topology${path}`, { headers, ...(body === undefined ? {} : { body }) });

it('DEP-010 to DEP-015 over HTTP: what is said, imported and seen in traces is one map, with its cycles', async () => {
  const compose = 'services: { web: { depends_on: [cart], build: ./web }, cart: {} }';
  const imported = await call('POST', '/import', { format: 'compose', text: compose });
  expect(imported.json).toMatchObject({ services: { added: 2 }, dependencies: { added: 1 }, codeRules: { added: 1 } });
  const bomb = await call('POST', '/import', {
    format: 'compose',
    text: 'services: { web: { depends_on: [nobody] }, new: {} }',
  });
  expect([bomb.status, bomb.json.code]).toEqual([400, 'IMPORT_UNREADABLE']);
  expect(bomb.json.detail).toContain('names "nobody"');

  const span = (service: string, spanId: string, kind: number, parentSpanId?: string) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
    scopeSpans: [{ spans: [{ traceId: 't', spanId, parentSpanId, kind, endTimeUnixNano: '1767225600000000000' }] }],
  });
  const traces = { resourceSpans: [span('cart', '1', 3), span('web', '2', 2, '1')] };
  expect((await call('POST', '/otlp/v1/traces', traces)).json).toMatchObject({
    dependencies: { added: 1 },
    cycles: { opened: 1 },
  });
  expect((await call('POST', '/otlp/v1/traces', traces)).json.dependencies).toEqual({
    added: 0,
    changed: 0,
    observed: 0,
  });
  const malformed = await call('POST', '/otlp/v1/traces', { resourceSpans: [{ scopeSpans: 1 }] });
  expect([malformed.status, malformed.json.code]).toEqual([400, 'IMPORT_UNREADABLE']);

  const { items } = (await call('GET', '/cycles?status=open,acknowledged')).json;
  expect(items).toMatchObject([{ path: ['cart', 'web'], status: 'open' }]);
  const acknowledged = await call('POST', `/cycles/${items[0].id}/acknowledge`, undefined, { 'if-match': '"1"' });
  expect(acknowledged.json).toMatchObject({ status: 'acknowledged', version: 2 });
  expect((await call('POST', `/cycles/${items[0].id}/acknowledge`)).json.code).toBe('CYCLE_ALERT_STATUS');
  expect((await call('POST', `/cycles/${items[0].id}/resolve`, { notes: 'soon' })).json.status).toBe('resolved');
  expect((await call('POST', '/cycles/detect')).json).toEqual({ opened: 0, reopened: 1, resolved: 0 });
  expect((await call('GET', '/cycles?status=nonsense')).status).toBe(400);

  const made = await call('POST', '/services', { key: 'ledger', criticality: 'critical' });
  expect(made.status).toBe(201);
  expect((await call('PATCH', '/services/web', { criticality: 'high' })).status).toBe(428);
  expect((await call('PATCH', '/services/web', { criticality: 'high' }, { 'if-match': '"1"' })).json.version).toBe(2);
  expect((await call('GET', '/services?criticality=critical')).json).toMatchObject({
    total: 1,
    items: [{ key: 'ledger' }],
  });
  const ingest = {
    dependencies: [{ source: 'ledger', target: 'web', confidence: 0.5 }],
    services: [{ key: 'ledger', team: 'money' }],
  };
  expect((await call('POST', '/ingest', ingest)).json.services).toEqual({ added: 0, discovered: 0, changed: 1 });
  expect((await call('GET', '/dependencies?target=web')).json.total).toBe(2);
  const map = (await call('GET', '/map?minConfidence=0.6')).json;
  expect(
    map.edges.map(({ source, target }: { source: string; target: string }) => `${source}>${target}`).sort(),
  ).toEqual(['cart>web', 'web>cart']);
  const walk = (await call('POST', '/traverse', { service: 'web', direction: 'upstream' })).json;
  expect(walk.services.map(({ service }: { service: { key: string } }) => service.key)).toEqual(['cart', 'ledger']);

  const reach = (await call('POST', '/reach', { paths: ['web/index.ts', 'docs/a.md'] })).json;
  expect(reach).toMatchObject({
    level: 'critical',
    owners: [{ service: 'web', paths: ['web/index.ts'] }],
    unowned: ['docs/a.md'],
  });
  expect(reach.reached[0]).toMatchObject({ service: 'ledger', way: ['web', 'ledger'], distance: 1, team: 'money' });
  expect(reach.reasons).toContain('ledger, which is critical, depends on it: ledger → web.');

  expect((await call('POST', '/stale', { before: '2999-01-01T00:00:00Z' })).json).toEqual({ marked: 3 });
  expect((await call('POST', '/reach', { paths: ['web/index.ts'] })).json).toMatchObject({
    level: 'high',
    reached: [],
  });
  expect((await call('GET', '/cycles')).json.items).toMatchObject([{ status: 'resolved' }]);
  const rules = (await call('GET', '/code-rules')).json.items;
  expect(rules).toMatchObject([{ service: 'web', kind: 'path', pattern: 'web/**', statedBy: 'compose' }]);
  expect((await call('DELETE', `/code-rules/${rules[0].id}`)).status).toBe(204);
  expect((await call('POST', '/reach', { paths: ['web/index.ts'] })).json.level).toBe('unknown');
  expect((await call('DELETE', '/services/ledger', undefined, { 'if-match': '"2"' })).status).toBe(204);
  expect((await call('GET', '/services/ledger')).json.code).toBe('SERVICE_NOT_FOUND');
});

it('what a held call and a session can break is told of each, of the files that they name and changed', async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-reach-')));
  const text = 'services: { shop: { build: ./shop }, till: { depends_on: [shop] } }';
  expect((await call('POST', '/import', { format: 'compose', text })).status).toBe(200);
  const post = async (path: string, body: object) => (await api.call('POST', `/api/v1/${path}`, { body })).json;
  const workspace = await post('workspaces', { path: root });
  const session = await post('sessions', { title: 'Reaches', initialPrompt: 'x', workspaceId: workspace.id });
  const asked = await post('approvals', {
    sessionId: session.id,
    tool: 'write',
    workingDirectory: root,
    arguments: { filePath: join(root, 'shop/index.ts'), content: '' },
  });
  const reachOf = async (path: string) => (await api.call('GET', `/api/v1/${path}/reach`)).json;
  expect(await reachOf(`approvals/${asked.id}`)).toMatchObject({
    owners: [{ service: 'shop' }],
    reached: [{ service: 'till' }],
  });
  // It has changed nothing yet.
  expect(await reachOf(`sessions/${session.id}`)).toMatchObject({ owners: [], reached: [] });
  expect(await reachOf(`sessions/${asked.id}`)).toMatchObject({ code: 'SESSION_NOT_FOUND' });
  await rm(root, { recursive: true });
});
