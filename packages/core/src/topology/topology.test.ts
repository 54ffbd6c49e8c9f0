import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../platform/clock/manual-clock.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { canonicalCycle } from './cycles/cycle-alert.ts';
import type { MapStatement } from './ingest/statement.ts';
import { Topology } from './topology.ts';

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: unknown) => (error instanceof SignalboxError ? error.code : String(error)),
  );
/** Nobody asks for reach here. */
const asked = () => Promise.reject(new Error('asked'));
const work = { ofSession: asked, root: asked, conflicts: asked };
const code = { read: asked, symbols: asked, users: asked, risk: asked };
const T = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
/** `a>b b>c` as dependencies. */
const edges = (text: string, more: object = {}) =>
  text.split(' ').map((edge) => {
    const [source = '', target = ''] = edge.split('>');
    return { source, target, ...more };
  });

test('a cycle is the same whatever service it is told from', () => {
  expect(['b', 'c', 'a', 'd'].map((_, n, all) => canonicalCycle([...all.slice(n), ...all.slice(0, n)]))).toEqual(
    Array(4).fill(['a', 'd', 'b', 'c']),
  );
});

describeOnBackends('the service map', (backend) => {
  let db: TestDatabase;
  let topology: Topology;
  let projectId: string;
  let clock: ManualClock;
  beforeAll(async () => {
    db = await backend.open();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    projectId = await insertTestProject(db.database);
    clock = new ManualClock(new Date(T(100)));
    topology = new Topology({ database: db.database, clock, ids: systemIds, work, code });
  });

  const sql = <Row>(text: string, values: readonly unknown[] = [projectId]) =>
    db.database.query<Row>({ name: '', text }, values);
  const constraintOf = (text: string, values: readonly unknown[] = [projectId]) =>
    sql(text, values).then(
      () => null,
      (error: { constraint?: string | null; message: string }) => error.constraint ?? error.message,
    );
  const ingest = (said: MapStatement) => topology.ingest(projectId, said, 'ann');
  const say = (text: string, more: object = {}) => ingest({ dependencies: edges(text, more) });
  const alerts = async () => (await topology.cycles.list(projectId, null, 1, 100)).items;
  const news = async () =>
    (
      await sql<{ payload: { change: string } }>(
        `SELECT payload FROM feed_entries WHERE project_id = $1 AND topic = 'topology' ORDER BY id`,
      )
    ).map(({ payload }) => payload.change);

  test('DEP-001, DEP-010: services are made once, found by id and key, changed against a version, and listed newest first', async () => {
    const made = await topology.services.create(projectId, { key: 'billing', metadata: { tier: 1 } }, 'ann');
    expect(made).toMatchObject({
      key: 'billing',
      name: 'billing',
      criticality: 'medium',
      team: null,
      discovered: false,
    });
    expect(await codeOf(topology.services.create(projectId, { key: 'billing' }, 'bob'))).toBe('SERVICE_EXISTS');
    expect(await codeOf(topology.services.create(projectId, { key: 'two words' }, 'bob'))).toBe('VALIDATION_FAILED');
    expect(await topology.services.get(projectId, made.id)).toEqual(made);
    expect(await topology.services.get(projectId, 'billing')).toEqual(made);
    const elsewhere = await insertTestProject(db.database);
    expect(await codeOf(topology.services.get(elsewhere, made.id))).toBe('SERVICE_NOT_FOUND');

    await sql(`UPDATE services SET created_at = created_at - interval '1 hour', updated_at = updated_at - interval '1 hour', version = 2
       WHERE project_id = $1`);
    const change = { criticality: 'critical', team: 'money' } as const;
    const after = await topology.services.update(projectId, 'billing', 2, change, 'bob');
    expect(after).toMatchObject({ ...change, name: 'billing', metadata: { tier: 1 }, version: 3 });
    // The trigger writes it, whoever updates.
    expect(Date.parse(after.updatedAt)).toBeGreaterThan(Date.parse(after.createdAt));
    expect(await codeOf(topology.services.update(projectId, 'billing', 2, change, 'eve'))).toBe('OPTIMISTIC_LOCK');
    expect(await codeOf(topology.services.update(projectId, 'nobody', 1, change, 'eve'))).toBe('SERVICE_NOT_FOUND');
    expect(await codeOf(topology.services.update(projectId, 'billing', 3, { key: 'x' } as never, 'eve'))).toBe(
      'UNKNOWN_FIELD',
    );

    await say('web>billing');
    await topology.services.create(projectId, { key: 'a' }, 'ann');
    const list = async (filter: object, page = 1, size = 2) => {
      const { items, total } = await topology.services.list(projectId, filter, page, size);
      return [items.map(({ key }) => key), total];
    };
    expect(await list({})).toEqual([['a', 'web'], 3]);
    expect(await list({}, 2)).toEqual([['billing'], 3]);
    expect(await list({ discovered: true })).toEqual([['web'], 1]);
    expect(await list({ team: 'money', criticality: 'critical' })).toEqual([['billing'], 1]);
    const audited = await sql<{ action: string; actor: string }>(
      `SELECT action, actor FROM audit_events WHERE project_id = $1 ORDER BY id`,
    );
    expect(audited.map(({ action, actor }) => [action, actor])).toEqual([
      ['service.create', 'ann'],
      ['service.update', 'bob'],
      ['service.create', 'ann'],
    ]);
  });

  test('DEP-010, DEP-011, DEP-015: much at once is taken once, from several sources, and makes the services it names', async () => {
    const said: MapStatement = {
      at: T(1),
      services: [{ key: 'web', team: 'shop', criticality: 'high' }],
      dependencies: [
        ...edges('web>cart web>cart', { discoverySource: 'opentelemetry', confidence: 0.9, protocol: 'http' }),
        ...edges('web>cart cart>db', { discoverySource: 'backstage', timeoutMs: 250, retry: { attempts: 3 } }),
      ],
    };
    expect(await ingest(said)).toMatchObject({
      services: { added: 3, discovered: 2, changed: 0 },
      dependencies: { added: 3, changed: 0, observed: 0 },
    });
    const before = await sql(`SELECT * FROM services WHERE project_id = $1 ORDER BY key`);
    const told = await news();
    expect(await ingest(said)).toMatchObject({
      services: { added: 0, discovered: 0, changed: 0 },
      dependencies: { added: 0, changed: 0, observed: 0 },
    });
    expect(await sql(`SELECT * FROM services WHERE project_id = $1 ORDER BY key`)).toEqual(before);
    expect(await news()).toEqual(told);

    // Seen again later; then something that happened before, and comes late.
    expect((await ingest({ ...said, at: T(5) })).dependencies).toEqual({ added: 0, changed: 0, observed: 3 });
    const late = edges('web>cart', { discoverySource: 'opentelemetry', confidence: 0.1, observedAt: T(3) });
    expect((await ingest({ dependencies: late })).dependencies).toEqual({ added: 0, changed: 0, observed: 0 });
    // A clock that is ahead counts as now.
    await say('cart>db', { discoverySource: 'backstage', observedAt: T(5_000) });

    const list = async (filter: object) => (await topology.dependencies.list(projectId, filter, 1, 10)).items;
    const ofWeb = await list({ source: 'web' });
    expect(ofWeb.map((one) => [one.target, one.discoverySource, one.confidence, one.lastObservedAt]).sort()).toEqual([
      ['cart', 'backstage', 1, T(5)],
      ['cart', 'opentelemetry', 0.9, T(5)],
    ]);
    const [ofDb] = await list({ target: 'db' });
    expect(ofDb).toMatchObject({
      source: 'cart',
      lastObservedAt: T(100),
      mode: 'unknown',
      timeoutMs: null,
      stale: false,
    });
    expect(await list({ discoverySource: 'backstage' })).toHaveLength(2);
    expect(await codeOf(list({ source: 'nobody' }))).toBe('SERVICE_NOT_FOUND');
    expect(await topology.dependencies.get(projectId, ofDb?.id ?? '')).toEqual(ofDb);
    expect(await codeOf(topology.dependencies.get(projectId, 'x'))).toBe('DEPENDENCY_NOT_FOUND');

    const map = await topology.map(projectId);
    expect(
      map.edges.map(({ source, target, discoverySources, confidence }) => [
        source,
        target,
        discoverySources,
        confidence,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['web', 'cart', ['backstage', 'opentelemetry'], 1],
        ['cart', 'db', ['backstage'], 1],
      ]),
    );
    // Described later, it is not merely discovered any more; what is left out stays.
    await ingest({
      services: [
        { key: 'cart', team: 'shop' },
        { key: 'web', name: 'Web shop' },
      ],
    });
    expect(await topology.services.get(projectId, 'cart')).toMatchObject({ discovered: false, criticality: 'medium' });
    expect(await topology.services.get(projectId, 'web')).toMatchObject({ name: 'Web shop', criticality: 'high' });
  });

  test('DEP-015: of what is not valid nothing is taken', async () => {
    const wrong = [...edges('a>b'), { source: 'c', target: 'c' }];
    expect(await codeOf(ingest({ dependencies: wrong }))).toBe('VALIDATION_FAILED');
    expect(await codeOf(ingest({ dependencies: edges('a>b', { confidence: 2 }) }))).toBe('VALIDATION_FAILED');
    expect(await codeOf(ingest({ services: [{ key: 'a', metadata: { x: 'a\0b' } }] }))).toBe('VALIDATION_FAILED');
    const stranger = '01890000-0000-7000-8000-000000000000';
    const rule = { kind: 'path', service: 'a', pattern: 'a/**', workspaceId: stranger } as const;
    expect(await codeOf(ingest({ dependencies: edges('a>b'), codeRules: [rule] }))).toBe('WORKSPACE_NOT_FOUND');
    expect((await topology.map(projectId)).services).toEqual([]);
  });

  test('DEP-002, DEP-004: the database refuses what must not be', async () => {
    await say('a>b', { environment: 'prod' });
    const [{ id = '' } = {}] = await sql<{ id: string }>(`SELECT id FROM services WHERE project_id = $1 AND key = 'a'`);
    const set = (change: string) => constraintOf(`UPDATE service_dependencies SET ${change} WHERE project_id = $1`);
    expect(await set('target_id = source_id')).toBe('chk_service_dependencies_apart');
    expect(await set('timeout_ms = 0')).toBe('chk_service_dependencies_timeout');
    expect(await set('confidence = 1.01')).toBe('chk_service_dependencies_confidence');
    expect(await set(`mode = 'carrier pigeon'`)).toBe('chk_service_dependencies_mode');
    expect(await set(`retry = '[]'`)).toBe('chk_service_dependencies_retry');
    const copy = `INSERT INTO service_dependencies SELECT gen_random_uuid(), d.project_id, source_id, target_id, discovery_source, environment,
      mode, criticality, protocol, timeout_ms, retry, confidence, last_observed_at FROM service_dependencies d WHERE project_id = $1`;
    expect(await constraintOf(copy)).toBe('uq_service_dependencies');
    const service = (change: string) =>
      constraintOf(`UPDATE services SET ${change}, version = version + 1 WHERE project_id = $1`);
    expect(await service(`criticality = 'vital'`)).toBe('chk_services_criticality');
    expect(await service(`key = 'same'`)).toBe('uq_services_key');
    expect(await constraintOf(`UPDATE services SET name = 'x' WHERE project_id = $1`)).toContain('stale version');
    // Of another project's services there are no dependencies here.
    const elsewhere = await insertTestProject(db.database);
    expect(
      await constraintOf(`UPDATE service_dependencies SET project_id = $2 WHERE source_id = $1`, [id, elsewhere]),
    ).toMatch(/^fk_service_dependencies/);
    await topology.services.remove(projectId, 'a', 1, 'ann');
    expect(await sql('SELECT id FROM service_dependencies WHERE project_id = $1')).toEqual([]);
  });

  test('DEP-001 to DEP-003: the indexes that the lists and walks need are there', async () => {
    const rows = await sql<{ indexname: string; indexdef: string }>(
      `SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('services', 'service_dependencies', 'cycle_alerts')`,
      [],
    );
    const partial = Object.fromEntries(
      rows.map((row) => [row.indexname, /WHERE (.*)$/.exec(row.indexdef)?.[1] ?? null]),
    );
    expect(partial).toMatchObject({
      uq_services_key: null,
      idx_services_team: '(team IS NOT NULL)',
      idx_services_criticality: null,
      idx_services_discovered: 'discovered',
      idx_service_dependencies_source: '(NOT stale)',
      idx_service_dependencies_target: '(NOT stale)',
      idx_service_dependencies_pair: null,
      idx_service_dependencies_discovery: null,
      idx_service_dependencies_observed: null,
      idx_service_dependencies_stale: 'stale',
      idx_cycle_alerts_unresolved: expect.stringContaining('open'),
      idx_cycle_alerts_detected: null,
    });
  });

  test('DEP-011: what was seen last before a moment is stale, until it is seen again', async () => {
    await ingest({ at: T(1), dependencies: edges('a>b b>c') });
    await ingest({ at: T(9), dependencies: edges('c>d', { discoverySource: 'opentelemetry' }) });
    const stale = async () =>
      (await topology.map(projectId)).edges
        .filter((edge) => edge.stale)
        .map(({ source, target }) => `${source}>${target}`);
    const mark = (minute: number, sources: string[] | null = null) =>
      topology.dependencies.markStale(projectId, new Date(T(minute)), sources, 'ann');
    expect(await mark(10, ['opentelemetry'])).toBe(1);
    expect(await stale()).toEqual(['c>d']);
    expect(await mark(5)).toBe(2);
    expect(await mark(5)).toBe(0);
    // The same observation once more is no new one.
    await ingest({ at: T(1), dependencies: edges('a>b') });
    expect((await stale()).sort()).toEqual(['a>b', 'b>c', 'c>d']);
    await ingest({ at: T(11), dependencies: edges('a>b') });
    expect((await stale()).sort()).toEqual(['b>c', 'c>d']);
    const { edges: fresh } = await topology.map(projectId, { includeStale: false });
    expect(fresh.map(({ source }) => source)).toEqual(['a']);
  });

  describe('DEP-012: a walk', () => {
    const walk = async (service: string, query: object = {}) => {
      const found = await topology.traverse(projectId, { service, ...query });
      return {
        services: found.services.map(({ service: { key }, distance }) => `${key}:${distance}`),
        edges: found.edges.map(({ source, target }) => `${source}>${target}`),
      };
    };

    test('goes down, up or both ways, so many hops; the start is not in it, and edges that close a cycle are', async () => {
      await say('a>b b>c c>a b>d d>e x>a y>x');
      expect(await walk('a', { direction: 'downstream', maxDepth: 10 })).toEqual({
        services: ['b:1', 'c:2', 'd:2', 'e:3'],
        edges: ['a>b', 'b>c', 'b>d', 'c>a', 'd>e'],
      });
      expect(await walk('a', { direction: 'downstream', maxDepth: 2 })).toEqual({
        services: ['b:1', 'c:2', 'd:2'],
        edges: ['a>b', 'b>c', 'b>d'],
      });
      expect(await walk('a', { direction: 'upstream', maxDepth: 10 })).toEqual({
        services: ['c:1', 'x:1', 'b:2', 'y:2'],
        edges: ['a>b', 'b>c', 'c>a', 'x>a', 'y>x'],
      });
      const both = await walk('a', { direction: 'both', maxDepth: 10 });
      expect(both.services).toEqual(['b:1', 'c:1', 'x:1', 'd:2', 'y:2', 'e:3']);
      expect(both.edges).toEqual(['a>b', 'b>c', 'b>d', 'c>a', 'd>e', 'x>a', 'y>x']);
      const { services } = await topology.traverse(projectId, { service: 'a', direction: 'both' });
      expect(services.map(({ service: { key }, direction }) => [key, direction])).toContainEqual(['b', 'both']);
      expect(await walk('e')).toEqual({ services: [], edges: [] });
      for (const maxDepth of [0, 11, 1.5]) expect(await codeOf(walk('a', { maxDepth }))).toBe('VALIDATION_FAILED');
      expect(await codeOf(walk('nobody'))).toBe('SERVICE_NOT_FOUND');
    });

    test('follows what is fresh, sure enough and of the environment, as of the last commit', async () => {
      await ingest({ at: T(1), dependencies: edges('a>old') });
      await topology.dependencies.markStale(projectId, new Date(T(2)), null, 'ann');
      await ingest({ dependencies: [...edges('a>sure'), ...edges('a>unsure', { confidence: 0.4 })] });
      await ingest({ environment: 'prod', dependencies: edges('a>live') });
      await ingest({ environment: 'test', dependencies: edges('a>mock') });
      const keys = async (query: object) => (await walk('a', query)).services.map((one) => one.split(':')[0]);
      expect(await keys({})).toEqual(['live', 'mock', 'sure', 'unsure']);
      expect(await keys({ includeStale: true })).toContain('old');
      expect(await keys({ minConfidence: 0.5, environment: 'prod' })).toEqual(['live', 'sure']);
      expect(await keys({ environment: null })).toEqual(['sure', 'unsure']);
      // Many ways to one service are one visit: the whole of a dense map, by every start, in no time.
      const dense = Array.from({ length: 20 }, (_, n) => `s${n}`);
      await ingest({
        dependencies: dense.flatMap((source) =>
          dense.filter((target) => target !== source).map((target) => ({ source, target })),
        ),
      });
      const all = await walk('s0', { maxDepth: 10 });
      expect([all.services.length, all.edges.length]).toEqual([19, 20 * 19]);
    });
  });

  describe('DEP-003, DEP-013, DEP-014: a cycle', () => {
    test('opens one alert, which is told once, and resolved and opened again as the cycle goes and comes back', async () => {
      expect((await say('c>a a>b x>y')).cycles.opened).toBe(0);
      expect((await say('b>c y>z')).cycles).toEqual({ opened: 1, reopened: 0, resolved: 0 });
      const [alert] = await alerts();
      expect(alert).toMatchObject({ path: ['a', 'b', 'c'], status: 'open', detectedAt: T(100), timesDetected: 1 });
      expect((await topology.cycles.findFor(projectId, null, ['c', 'a', 'b']))?.id).toBe(alert?.id);
      expect(await topology.cycles.findFor(projectId, null, ['a', 'c', 'b'])).toBeNull();
      // Other changes, a detection by hand, another source of the same edge: nothing new.
      await say('a>b', { discoverySource: 'backstage' });
      await say('c>x');
      expect(await topology.cycles.detect(projectId)).toEqual({ opened: 0, reopened: 0, resolved: 0 });
      expect(await alerts()).toEqual([alert]);

      const { items } = await topology.dependencies.list(projectId, { source: 'b', target: 'c' }, 1, 10);
      await topology.dependencies.remove(projectId, items[0]?.id ?? '', 'ann');
      expect(await alerts()).toMatchObject([{ status: 'resolved', resolvedBy: 'system:detection' }]);
      clock.advance(60_000);
      expect((await say('b>c')).cycles).toEqual({ opened: 0, reopened: 1, resolved: 0 });
      expect(await alerts()).toMatchObject([
        {
          id: alert?.id,
          status: 'open',
          detectedAt: T(101),
          timesDetected: 2,
          resolvedBy: null,
          resolutionNotes: null,
        },
      ]);
      expect((await news()).filter((change) => change !== 'map')).toEqual(['opened', 'resolved', 'reopened']);
    });

    test('counts what is fresh, and is of the environment in which it closes', async () => {
      await say('a>b');
      await say('b>a', { environment: 'test' });
      await say('b>c', { environment: 'prod' });
      await say('c>b', { environment: 'stage' });
      expect(await alerts()).toMatchObject([{ path: ['a', 'b'], environment: 'test' }]);
      // It holds everywhere now: the alert of one environment has nothing to tell any more.
      await say('b>a', { observedAt: T(50) });
      const standing = (await alerts()).map(({ environment, status }) => [environment, status]).sort();
      expect(standing).toEqual(
        [
          ['test', 'resolved'],
          [null, 'open'],
        ].sort(),
      );
      await topology.dependencies.markStale(projectId, new Date(T(60)), null, 'ann');
      expect((await alerts()).find(({ environment }) => environment === null)?.status).toBe('resolved');
      expect((await alerts()).find(({ environment }) => environment === 'test')?.status).toBe('open');
    });

    test('of several that hang together each edge is told of; a large knot ends', async () => {
      await say('a>b b>a b>c c>b c>d d>a');
      const paths = (await alerts()).map(({ path }) => path.join('')).sort();
      expect(paths).toEqual(['ab', 'abcd', 'bc']);
      const knot = Array.from({ length: 21 }, (_, n) => `k${n}`);
      await ingest({
        dependencies: knot.flatMap((source) =>
          knot.filter((target) => target !== source).map((target) => ({ source, target })),
        ),
      });
      const { total } = await topology.cycles.list(projectId, ['open'], 1, 10);
      expect(total).toBe(200);
      expect(await topology.cycles.detect(projectId)).toEqual({ opened: 0, reopened: 0, resolved: 0 });
    });

    test('is acknowledged and resolved by people, once, and opens again while it is still there', async () => {
      await say('a>b b>a');
      const [{ id = '' } = {}] = await alerts();
      expect(await codeOf(topology.cycles.acknowledge(projectId, id, 7, 'ann'))).toBe('OPTIMISTIC_LOCK');
      expect(await topology.cycles.acknowledge(projectId, id, 1, 'ann')).toMatchObject({
        status: 'acknowledged',
        acknowledgedBy: 'ann',
        acknowledgedAt: T(100),
        version: 2,
      });
      expect(await codeOf(topology.cycles.acknowledge(projectId, id, null, 'bob'))).toBe('CYCLE_ALERT_STATUS');
      expect(await topology.cycles.detect(projectId)).toEqual({ opened: 0, reopened: 0, resolved: 0 });
      expect(await topology.cycles.resolve(projectId, id, null, { notes: 'b asks a queue now' }, 'bob')).toMatchObject({
        status: 'resolved',
        resolvedBy: 'bob',
        resolutionNotes: 'b asks a queue now',
        acknowledgedBy: 'ann',
      });
      expect(await codeOf(topology.cycles.resolve(projectId, id, null, {}, 'bob'))).toBe('CYCLE_ALERT_STATUS');
      expect(await codeOf(topology.cycles.get(projectId, 'x'))).toBe('CYCLE_ALERT_NOT_FOUND');
      const list = async (...statuses: ('open' | 'acknowledged' | 'resolved')[]) =>
        (await topology.cycles.list(projectId, statuses, 1, 10)).total;
      expect([await list('open'), await list('acknowledged'), await list('resolved')]).toEqual([0, 0, 1]);
      expect(await topology.cycles.detect(projectId)).toEqual({ opened: 0, reopened: 1, resolved: 0 });
      expect(await topology.cycles.get(projectId, id)).toMatchObject({ status: 'open', acknowledgedBy: null });
      const audited = await sql<{ action: string }>(
        `SELECT action FROM audit_events WHERE project_id = $1 ORDER BY id`,
      );
      expect(audited.map(({ action }) => action)).toEqual(['cycle.acknowledge', 'cycle.resolve']);
      const step = (change: string) =>
        constraintOf(`UPDATE cycle_alerts SET ${change}, version = version + 1 WHERE project_id = $1`);
      expect(await step(`path = '["x","y"]'`)).toBe('chk_cycle_alerts_path');
      expect(await step(`status = 'resolved'`)).toBe('chk_cycle_alerts_resolved');
      await topology.cycles.acknowledge(projectId, id, null, 'ann');
      expect(await step(`status = 'open', acknowledged_by = NULL, acknowledged_at = NULL`)).toBe(
        'chk_cycle_alerts_transition',
      );
      const again = `INSERT INTO cycle_alerts (id, project_id, path, detected_at) VALUES (gen_random_uuid(), $1, '["a","b"]', now())`;
      expect(await constraintOf(again)).toBe('uq_cycle_alerts_path');
    });
  });
});
