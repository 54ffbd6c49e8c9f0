import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
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
