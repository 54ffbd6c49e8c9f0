import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi({ environment: { SIGNALBOX_EMBEDDINGS_PROVIDER: 'local' } });
});
afterAll(() => api.close());

const call = (method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1/graph${path}`, body === undefined ? {} : { body });
const calls = (fromEntityId: string, toEntityId: string) => ({ type: 'CALLS', fromEntityId, toEntityId });
const domain = {
  id: 'domain:a/b',
  type: 'businessDomain',
  name: 'A',
  description: '',
  criticality: 'core',
  stakeholders: [],
  keyProcesses: [],
  extractedFrom: [],
};

it('what is said of the graph over HTTP is checked, kept, traversed, and told as of any time', async () => {
  const unit = (relationships: unknown[], entities: unknown[] = []) => ({
    units: [{ unit: 'u', relationships, entities }],
  });
  const wrong = await call('POST', '/ingest', unit([calls('domain:a/b', '')]));
  expect([wrong.status, wrong.json.code]).toEqual([400, 'VALIDATION_FAILED']);
  expect(wrong.text).toContain('units.0.relationships.0.toEntityId');

  const at = '2026-01-01T00:00:00.000Z';
  const said = await call('POST', '/ingest', {
    ...unit([calls('domain:a/b', 'X'), calls('X', 'Y'), calls('Y', 'X')], [domain]),
    at,
  });
  expect(said.json).toMatchObject({ revision: 1, entities: { added: 1 }, relationships: { added: 3 }, problems: [] });
  await call('POST', '/ingest', { ...unit([calls('X', 'Y')], [domain]), at: '2026-01-02T00:00:00.000Z' });

  const id = encodeURIComponent('domain:a/b');
  expect((await call('GET', `/entity?id=${id}`)).json).toMatchObject({ entity: domain, units: ['u'], validTo: null });
  expect((await call('GET', `/entity?id=${id}&at=2025-01-01T00:00:00Z`)).json.code).toBe('GRAPH_ENTITY_NOT_FOUND');
  expect((await call('GET', `/entity/timeline?id=${id}`)).json.versions).toHaveLength(1);
  const ids = async (more: object) =>
    (await call('POST', '/traverse', { startId: 'domain:a/b', ...more })).json.visited.map(
      (one: { id: string }) => one.id,
    );
  expect([await ids({}), await ids({ at })]).toEqual([['domain:a/b'], ['domain:a/b', 'X', 'Y']]);
  expect((await call('POST', '/traverse', { startId: 'X', relationshipTypes: ['KNOWS'] })).json.code).toBe(
    'VALIDATION_FAILED',
  );

  const { paths } = (await call('POST', '/paths', { startId: 'domain:a/b', endId: 'Y', at })).json;
  expect(paths).toMatchObject([
    { entities: ['domain:a/b', 'X', 'Y'], relationshipTypes: ['CALLS', 'CALLS'], totalLength: 2 },
  ]);
  const [relationship] = paths[0].relationships;
  expect((await call('GET', `/relationships/${relationship}`)).json).toMatchObject({ active: false, kind: 'call' });
  expect((await call('GET', `/relationships/${relationship}/timeline`)).json).toMatchObject({
    active: false,
    current: null,
    segments: [{ openedAt: at, closedAt: '2026-01-02T00:00:00.000Z' }],
  });
  expect((await call('GET', '/relationships/rel_1')).json.code).toBe('GRAPH_RELATIONSHIP_NOT_FOUND');
  expect((await call('POST', '/cycles', { at })).json.components).toEqual([
    { entities: ['X', 'Y'], cycle: ['X', 'Y'] },
  ]);
  expect((await call('POST', '/cycles', {})).json.total).toBe(0);
});

it('code is read on request, how far that is can be asked, and what was read is found by name', async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-code-')));
  try {
    await writeFile(join(root, 'tsconfig.json'), '{ "compilerOptions": { "noLib": true, "types": [] } }');
    await writeFile(join(root, 'tax.ts'), 'export function rate(): number { return 1; }\n');
    await writeFile(
      join(root, 'bill.ts'),
      "import { rate } from './tax';\nexport class Bill { total() { return rate(); } }\n",
    );
    const workspace = await api.call('POST', '/api/v1/workspaces', { body: { path: root } });
    const asked = await call('POST', '/index', { workspaceId: workspace.json.id });
    expect([asked.status, asked.json.status]).toEqual([201, 'queued']);
    expect((await call('POST', '/index', { workspaceId: workspace.json.id })).json.id).toBe(asked.json.id);
    await api.core.indexing.round();
    const done = (await call('GET', `/index/${asked.json.id}`)).json;
    expect(done).toMatchObject({ status: 'completed', filesTotal: 2, filesDone: 2, problems: [] });
    expect((await call('GET', '/index')).json.items).toMatchObject([{ id: asked.json.id }]);

    const found = async (body: object) =>
      (await call('POST', '/search', body)).json.results.map((one: { name: string; matched: string; type: string }) => [
        one.name ?? one.type,
        one.matched,
      ]);
    expect(await found({ query: 'total' })).toEqual([['Bill.total', 'name']]);
    expect(await found({ query: 'BILL', entityTypes: ['class'] })).toEqual([['Bill', 'name']]);
    expect(await found({ query: '.ts', path: 'tax.ts' })).toEqual([['file', 'path']]);
    expect(await found({ query: 'rate(): number' })).toEqual([['rate', 'signature']]);
    expect(await found({ query: '%' })).toEqual([]);
    expect((await call('POST', '/search', { query: ' ' })).json.code).toBe('VALIDATION_FAILED');
    const [rate] = (await call('POST', '/search', { query: 'rate' })).json.results;
    const { visited } = (
      await call('POST', '/traverse', { startId: rate.id, direction: 'incoming', relationshipTypes: ['CALLS'] })
    ).json;
    expect(visited.map((one: { name: string }) => one.name)).toEqual(['rate', 'Bill.total']);
  } finally {
    await rm(root, { recursive: true });
  }
});

it('reports of tools are taken over HTTP, by what they are, and refused by name', async () => {
  const text = 'SF:src/cover.ts\nFN:1,cover\nFNDA:2,cover\nDA:1,2\nend_of_record\n';
  const taken = await call('POST', '/import', { text, suite: 'unit' });
  expect([taken.status, taken.json]).toMatchObject([
    200,
    { format: 'lcov', suite: 'unit', relationships: { added: 2 } },
  ]);
  const base64 = gzipSync(text).toString('base64');
  expect((await call('POST', '/import', { base64, suite: 'packed' })).json).toMatchObject({ format: 'lcov' });
  const { visited } = (await call('POST', '/traverse', { startId: 'test:suite:unit' })).json;
  expect(visited.map((one: { id: string }) => one.id)).toContain('file:src/cover.ts:cover');
  const refusals = [
    [{ text: 'nothing' }, 400, 'GRAPH_REPORT_UNKNOWN'],
    [{ text: 'SF:a', format: 'lcov' }, 400, 'IMPORT_UNREADABLE'],
    [{ text: 'SF:/a\nend_of_record' }, 422, 'GRAPH_REPORT_PATH'],
    [{ base64: gzipSync(Buffer.alloc(40_000_000)).toString('base64') }, 413, 'GRAPH_REPORT_TOO_LARGE'],
    [{ text, format: 'pdf' }, 400, 'VALIDATION_FAILED'],
    [{ text, workspaceId: '0197a1b2-0000-7000-8000-000000000000' }, 404, 'WORKSPACE_NOT_FOUND'],
  ] as const;
  for (const [body, status, code] of refusals) {
    const refused = await call('POST', '/import', body);
    expect([refused.status, refused.json.code]).toEqual([status, code]);
  }
});

it('what was embedded is found by meaning, the nearest first, by the provider that was chosen', async () => {
  const about = (name: string, description: string) => ({ ...domain, id: `domain:${name}`, name, description });
  const entities = [about('tax', 'How much tax is due on an amount'), about('paint', 'Which paint the wall gets')];
  await call('POST', '/ingest', { units: [{ unit: 'meaning', entities }] });
  const near = async () =>
    (await call('POST', '/search/semantic', { query: 'tax due on an amount', similarity: 0.2 })).json;
  expect(await near()).toMatchObject({ results: [] });
  const embedded = (await call('POST', '/embeddings', {})).json;
  expect(embedded).toMatchObject({ space: expect.stringMatching(/^local\//), remaining: false, totalCost: 0 });
  expect(embedded.embedded).toBeGreaterThanOrEqual(2);
  const [first] = (await near()).results;
  expect(first).toMatchObject({ entity: { id: 'domain:tax' }, context: expect.stringContaining('How much tax') });
});

it('tells over HTTP what sessions did to what, what is around an entity, how it is used and how fast it was', async () => {
  const sessions = (path: string, body?: unknown) =>
    api.call(body === undefined ? 'GET' : 'POST', `/api/v1/sessions${path}`, body === undefined ? {} : { body });
  const { id } = (await sessions('', { title: 'Mend the taxes', initialPrompt: 'do it' })).json;
  const entityId = 'file:bridge/taxes.ts';
  const changeInfo = { elementType: 'function', entityIds: [entityId], operation: 'modified' };
  const impact = { severity: 'high', perfDelta: -7 };
  await sessions(`/${id}/journal`, { events: [{ type: 'modified', actor: 'ann', changeInfo, impact }] });
  const encoded = encodeURIComponent(entityId);
  expect((await sessions(`/${id}/transitions?entity=${encoded}`)).json).toMatchObject({
    ...{ total: 1, transitions: [{ reasons: ['severity', 'performance'] }], graph: 'ok' },
  });
  expect((await sessions(`/${id}/isolation?agent=ann`)).json).toMatchObject({ totalEvents: 1, totalPerfDelta: -7 });
  expect((await sessions(`/${id}/joining-context?agent=ben`)).json).toMatchObject({ kgContext: [{ entityId }] });
  expect((await sessions(`/${id}/isolation`)).json.code).toBe('VALIDATION_FAILED');
  const missing = '01800000-0000-7000-8000-000000000000';
  expect((await sessions(`/${missing}/transitions`)).json.code).toBe('SESSION_NOT_FOUND');

  expect((await call('POST', '/entity/touched-by', { entityId })).json).toMatchObject({
    sessions: [{ sessionId: id }],
  });
  expect((await call('POST', '/entities/aggregates', { entityIds: [entityId] })).json).toMatchObject({
    ...{ totalSessions: 1, performanceImpact: { worst: -7 } },
  });
  expect((await call('POST', '/sessions/changes', { sessionId: id })).json).toMatchObject({
    changes: [{ change: { entityId, author: 'ann' } }],
  });

  const slower = { type: 'PERFORMANCE_REGRESSION', fromEntityId: 'test:t', toEntityId: entityId, metricId: 'Latency' };
  const said = [
    calls('domain:bills', entityId),
    { ...slower, baselineValue: 100, currentValue: 150, severity: 'high' },
  ];
  await call('POST', '/ingest', {
    units: [{ unit: null, entities: [{ ...domain, id: entityId }], relationships: said }],
  });
  const around = { entityId, types: ['CALLS'], directions: ['incoming'], weights: { min: 0.5 } };
  expect((await call('POST', '/relationships/around', around)).json).toMatchObject({
    relationships: [{ fromEntityId: 'domain:bills', depth: 1, direction: 'incoming' }],
  });
  expect((await call('POST', '/examples', { entityId })).json).toMatchObject({
    ...{ workspaceId: null, relatedPatterns: [{ pattern: 'call', frequency: 1 }] },
  });
  expect((await call('GET', `/entity/performance?id=${encoded}&severity=HIGH&limit=9999`)).json).toMatchObject({
    records: [{ metricId: 'latency', percentChange: 50 }],
  });
  const strict = await call('GET', `/entity/performance?id=${encoded}&severity=info&strict=true`);
  expect([strict.status, strict.json.code]).toEqual([400, 'VALIDATION_FAILED']);
});

it('BRIDGE-11: tells over HTTP whether sessions and the code graph answer, and that the graph does not', async () => {
  const health = () => api.call('GET', '/api/v1/system/bridge');
  const well = { healthy: true, bridge: true, sessionManager: true, knowledgeGraph: 'ok' };
  expect(await health()).toMatchObject({ status: 200, json: well });
  const sql = (text: string) => api.core.database.query({ name: '', text });
  await sql('ALTER TABLE graph_relationships RENAME TO not_there');
  try {
    expect(await health()).toMatchObject({ status: 200, json: { ...well, healthy: false, knowledgeGraph: 'failed' } });
  } finally {
    await sql('ALTER TABLE not_there RENAME TO graph_relationships');
  }
});

it('BRIDGE-09: over HTTP a question that fails says which, what was asked and what to do next, and nothing of why', async () => {
  const session = { title: 'Fails to tell', initialPrompt: 'do it' };
  const { id } = (await api.call('POST', '/api/v1/sessions', { body: session })).json;
  const sql = (text: string) => api.core.database.query({ name: '', text });
  await sql('ALTER TABLE journal_events RENAME TO not_there');
  try {
    const { status, json, text } = await api.call('GET', `/api/v1/sessions/${id}/isolation?agent=ann`);
    expect([status, json]).toMatchObject([500, { code: 'BRIDGE_ISOLATE_FAILED', sessionId: id, agentId: 'ann' }]);
    expect(json.detail).toContain('Ask again');
    expect(text).not.toContain('does not exist');
  } finally {
    await sql('ALTER TABLE not_there RENAME TO journal_events');
  }
  expect((await call('POST', '/entity/touched-by', { entityId: 'a\0' })).status).toBe(400);
});
