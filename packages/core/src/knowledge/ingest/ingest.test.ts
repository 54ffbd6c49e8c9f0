import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { readKnownEntities, readKnownRelationships, readSegments, readVersions } from '../history/known-store.ts';
import { relationshipId } from '../identity/relationship-id.ts';
import { ENTITY_TYPES } from '../vocabulary/entity.ts';
import { RELATIONSHIP_TYPES } from '../vocabulary/relationship-type.ts';
import type { Ingest } from './batch.ts';
import { ingest } from './ingest.ts';

const T = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
const file = (path: string, hash: string) => ({
  id: `file:${path}`,
  type: 'file',
  path,
  hash,
  language: 'typescript',
  lastModified: T(0),
  created: T(0),
  extension: '.ts',
  size: 1,
  lines: 1,
  isTest: false,
  isConfig: false,
  dependencies: [],
});
const calls = (from: string, to: string, more: object = {}) => ({
  type: 'CALLS',
  fromEntityId: from,
  toEntityId: to,
  ...more,
});
const idOf = (from: string, to: string) => relationshipId(calls(from, to));

describeOnBackends('what is said of the graph', (backend) => {
  let db: TestDatabase;
  let projectId: string;
  beforeAll(async () => {
    db = await backend.open();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    projectId = await insertTestProject(db.database);
  });

  const say = (input: Ingest) =>
    ingest({ database: db.database, clock: systemClock, ids: systemIds }, projectId, input, 'ann');
  const unit = (name: string, relationships: object[], entities: object[] = [], replace = true) => ({
    unit: name,
    replace,
    entities,
    relationships,
  });
  const edge = async (from: string, to: string) =>
    (await readKnownRelationships(db.database, projectId, [idOf(from, to)])).get(idOf(from, to));
  const segmentsOf = async (from: string, to: string) =>
    (await readSegments(db.database, projectId, [idOf(from, to)])).get(idOf(from, to)) ?? [];
  const sql = <Row>(text: string, values: unknown[] = [projectId]) =>
    db.database.query<Row>({ name: '', text }, values);

  test('said twice in one scan it is there once, and nothing changes', async () => {
    const input: Ingest = {
      units: [
        unit(
          'a',
          [calls('A', 'B', { occurrencesScan: 2, evidence: [{ source: 'ts', confidence: 0.7 }] })],
          [file('a.ts', '1')],
        ),
      ],
      at: T(1).toISOString(),
      scanId: 'scan-1',
    };
    const first = await say(input);
    expect(first).toEqual({
      revision: 1,
      entities: { added: 1, changed: 0, removed: 0 },
      relationships: { added: 1, changed: 0, removed: 0 },
      problems: [],
    });
    const before = await edge('A', 'B');
    const again = await say({ ...input, at: T(2).toISOString() });
    expect(again).toMatchObject({ revision: 1, entities: { changed: 0 }, relationships: { added: 0, changed: 0 } });
    expect(await edge('A', 'B')).toEqual(before);
    expect(before).toMatchObject({ version: 1, occurrencesTotal: 2, confidence: 0.7, active: true, validTo: null });
    expect(await sql(`SELECT topic, payload FROM feed_entries WHERE project_id = $1`)).toEqual([
      { topic: 'graph', payload: { revision: 1, entities: 1, relationships: 1 } },
    ]);
  });

  test('a later scan counts on; evidence and places of other units are joined, those of its own replaced (KG-132)', async () => {
    const seen = (line: number, source: string, more: object = {}) =>
      calls('A', 'B', { occurrencesScan: 1, location: { path: 'a.ts', line }, source, ...more });
    await say({ units: [unit('typed', [seen(10, 'ts', { arity: 2 })])], at: T(1).toISOString(), scanId: '1' });
    await say({ units: [unit('tree', [seen(11, 'ast')])], at: T(2).toISOString(), scanId: '1' });
    expect(await edge('A', 'B')).toMatchObject({
      version: 2,
      occurrencesScan: 2,
      occurrencesTotal: 2,
      arity: 2,
      evidence: [
        { source: 'type-checker', location: { line: 10 } },
        { source: 'ast', location: { line: 11 } },
      ],
      firstSeenAt: T(1).toISOString(),
      lastSeenAt: T(2).toISOString(),
    });
    const week = new Date(T(1).getTime() + 7 * 24 * 3600 * 1000);
    await say({ units: [unit('typed', [seen(12, 'ts')])], at: week.toISOString(), scanId: '2' });
    const now = await edge('A', 'B');
    expect(now).toMatchObject({ occurrencesTotal: 3, lastSeenAt: week.toISOString() });
    expect(now?.occurrencesRecent).toBeCloseTo(2.5, 9);
    expect(now?.evidence).toMatchObject([{ location: { line: 12 } }, { location: { line: 11 } }]);
    expect(now).not.toHaveProperty('arity');
  });

  test('what only one of its units does not say any more stays; what nobody says is over, and opens a new segment if it comes back', async () => {
    await say({
      units: [unit('a', [calls('A', 'B')]), unit('b', [calls('A', 'B')])],
      at: T(1).toISOString(),
      changeSetId: 'c1',
    });
    await say({ units: [unit('a', [])], at: T(2).toISOString() });
    expect(await edge('A', 'B')).toMatchObject({ active: true, validTo: null });
    expect((await say({ units: [unit('b', [])], at: T(3).toISOString() })).relationships.removed).toBe(1);
    expect(await edge('A', 'B')).toMatchObject({ active: false, validTo: T(3).toISOString() });
    expect((await say({ units: [unit('b', [])], at: T(4).toISOString() })).revision).toBe(3);
    await say({ units: [unit('a', [calls('A', 'B')])], at: T(5).toISOString(), changeSetId: 'c2' });
    const segments = await segmentsOf('A', 'B');
    expect(segments.map(({ openedAt, closedAt, changeSetId }) => [openedAt, closedAt, changeSetId])).toEqual([
      [T(1).toISOString(), T(3).toISOString(), 'c1'],
      [T(5).toISOString(), null, 'c2'],
    ]);
    expect(await edge('A', 'B')).toMatchObject({ active: true, firstSeenAt: T(1).toISOString(), version: 4 });
  });

  test('versions follow changes of hash or path, not of other things, and tell what was (KG-208)', async () => {
    const states = [file('a.ts', '1'), { ...file('a.ts', '1'), lines: 9 }, file('a.ts', '2')];
    for (const [n, state] of states.entries())
      await say({ units: [unit('a', [], [state])], at: T(n).toISOString(), changeSetId: `c${n}` });
    await say({ units: [unit('a', [])], at: T(5).toISOString() });
    await say({ units: [unit('a', [], [file('a.ts', '2')])], at: T(7).toISOString() });
    const versions = await readVersions(db.database, projectId, 'file:a.ts');
    expect(versions.map(({ hash, timestamp, until, changeSetId }) => [hash, timestamp, until, changeSetId])).toEqual([
      ['1', T(0).toISOString(), T(2).toISOString(), 'c0'],
      ['2', T(2).toISOString(), T(5).toISOString(), 'c2'],
      ['2', T(7).toISOString(), null, null],
    ]);
    expect(versions.map(({ previousVersionId }) => previousVersionId)).toEqual([
      null,
      versions[0]?.versionId,
      versions[1]?.versionId,
    ]);
    const as = async (at: Date | null) =>
      (await readKnownEntities(db.database, projectId, ['file:a.ts'], at)).get('file:a.ts')?.entity;
    expect(await as(T(1))).toMatchObject({ hash: '1', lines: 9 });
    expect([await as(T(6)), (await as(T(8)))?.hash, (await as(null))?.hash]).toEqual([undefined, '2', '2']);
  });

  test('what people say is believed, stays when it is indexed, and is audited', async () => {
    const asserted = { ...file('a.ts', '1'), language: 'flow' };
    await say({ units: [{ unit: null, entities: [asserted] }], at: T(1).toISOString() });
    await say({ units: [unit('a', [], [file('a.ts', '2')])], at: T(2).toISOString() });
    const known = async () => (await readKnownEntities(db.database, projectId, ['file:a.ts'], null)).get('file:a.ts');
    expect(await known()).toMatchObject({ entity: { language: 'flow', hash: '1' }, units: ['a', null] });
    await say({ retract: { entities: ['file:a.ts'], relationships: [] }, at: T(3).toISOString() });
    expect(await known()).toMatchObject({ entity: { language: 'typescript', hash: '2' }, units: ['a'], validTo: null });
    const audited = await sql<{ actor: string; action: string }>(
      'SELECT actor, action FROM audit_events WHERE project_id = $1 ORDER BY id',
    );
    expect(audited).toEqual([
      { actor: 'ann', action: 'graph.assert' },
      { actor: 'ann', action: 'graph.assert' },
    ]);
  });

  test('nothing of a batch is taken in which something is wrong, and it says where', async () => {
    const wrong = say({
      units: [
        unit(
          'a',
          [calls('A', 'B'), calls('A', '', {}), { ...calls('A', 'C'), colour: 'red' }],
          [{ ...file('a.ts', '1'), size: 'big' }],
        ),
        { unit: null, replace: true },
      ],
    });
    const paths = await wrong.catch((error: unknown) =>
      SignalboxError.is(error, 'VALIDATION_FAILED')
        ? (error.details.problems as { path: string }[]).map(({ path }) => path)
        : error,
    );
    expect(paths).toEqual([
      'units.0.entities.0.size',
      'units.0.relationships.1.toEntityId',
      'units.0.relationships.2',
      'units.1.replace',
    ]);
    await expect(say({ units: [unit('a', [calls('A\u0000', 'B')])] })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect(await sql('SELECT FROM graph_heads WHERE project_id = $1')).toEqual([]);
  });

  test('of all callers at once each gets a revision of its own, and no word of another project', async () => {
    const other = await insertTestProject(db.database);
    const said = await Promise.all(['a', 'b', 'c'].map((name) => say({ units: [unit(name, [calls('A', 'B')])] })));
    expect(said.map(({ revision }) => revision).sort()).toEqual([1, 2, 3]);
    expect(await readKnownRelationships(db.database, other, [idOf('A', 'B')])).toEqual(new Map());
    const [row] = await sql<{ units: string[] }>('SELECT units FROM graph_relationships WHERE project_id = $1');
    expect(row?.units).toEqual(['a', 'b', 'c']);
  });

  test('a relationship of a time that is over is there for that time (KG-204), and segments cannot overlap', async () => {
    const past = calls('A', 'B', { validFrom: T(1), validTo: T(3) });
    await say({ units: [unit('a', [past])], at: T(9).toISOString() });
    await say({ units: [unit('a', [past])], at: T(10).toISOString() });
    expect(await edge('A', 'B')).toMatchObject({
      validFrom: T(1).toISOString(),
      validTo: T(3).toISOString(),
      active: false,
    });
    const overlapping = `INSERT INTO graph_segments (project_id, relationship_id, opened_at, closed_at) VALUES ($1, $2, $3, $4)`;
    await expect(sql(overlapping, [projectId, idOf('A', 'B'), T(0), T(2)])).rejects.toMatchObject({
      code: '23P01',
    });
  });

  test('the database knows the same types as the vocabulary (KG-035)', async () => {
    const typesOf = async (name: string) => {
      const [row] = await sql<{ rule: string }>(
        'SELECT pg_get_constraintdef(oid) AS rule FROM pg_constraint WHERE conname = $1',
        [name],
      );
      return [...(row?.rule ?? '').matchAll(/'(\w+)'/g)].map(([, type]) => type).sort();
    };
    expect(await typesOf('chk_graph_entities_type')).toEqual([...ENTITY_TYPES].sort());
    expect(await typesOf('chk_graph_relationships_type')).toEqual([...RELATIONSHIP_TYPES].sort());
  });

  test('whatever units say one after the other, the graph is what they said last (KG-208)', async () => {
    const step = fc.record({ unit: fc.constantFrom('a', 'b'), edges: fc.subarray(['B', 'C', 'D']) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        projectId = await insertTestProject(db.database);
        const last = new Map<string, string[]>();
        for (const [n, { unit: name, edges }] of steps.entries()) {
          last.set(name, edges);
          await say({
            units: [
              unit(
                name,
                edges.map((to) => calls('A', to)),
              ),
            ],
            at: T(n).toISOString(),
          });
        }
        const open = await sql<{ to_id: string }>(
          'SELECT to_id FROM graph_relationships WHERE project_id = $1 AND valid_to IS NULL ORDER BY 1',
        );
        expect(open.map(({ to_id }) => to_id)).toEqual([...new Set([...last.values()].flat())].sort());
        for (const to of ['B', 'C', 'D']) {
          const segments = await segmentsOf('A', to);
          segments.slice(1).forEach(({ openedAt }, i) => {
            expect(openedAt > (segments[i]?.closedAt ?? '9')).toBe(true);
          });
        }
      }),
      { numRuns: 12 },
    );
  });
});
