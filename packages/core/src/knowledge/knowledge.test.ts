import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../platform/clock/clock.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { relationshipId } from './identity/relationship-id.ts';
import { Knowledge } from './knowledge.ts';

const T = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
const iso = (minute: number) => T(minute).toISOString();
const calls = (from: string, to: string, more: object = {}) => ({
  type: 'CALLS',
  fromEntityId: from,
  toEntityId: to,
  ...more,
});
const domain = (id: string) => ({
  id,
  type: 'businessDomain',
  name: `Domain ${id}`,
  description: '',
  criticality: 'core',
  stakeholders: [],
  keyProcesses: [],
  extractedFrom: [],
});

describeOnBackends('knowledge', (backend) => {
  let db: TestDatabase;
  let projectId: string;
  let knowledge: Knowledge;
  let now = T(60);
  beforeAll(async () => {
    db = await backend.open();
    const clock = { ...systemClock, now: () => now };
    knowledge = new Knowledge({ database: db.database, clock, ids: systemIds });
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    now = T(60);
    projectId = await insertTestProject(db.database);
  });

  const say = (at: number, relationships: object[], entities: object[] = []) =>
    knowledge.ingest(projectId, { units: [{ unit: 'all', entities, relationships }], at: iso(at) }, 'ann');
  const visited = async (input: Parameters<Knowledge['traverse']>[1]) =>
    (await knowledge.traverse(projectId, input)).visited.map(({ id }) => id);
  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => null,
      (error: unknown) => (SignalboxError.is(error) ? error.code : error),
    );

  test('scenario 25: traverses at a time, and shows what was said since, in the next answer', async () => {
    const edges = [
      calls('A', 'B'),
      calls('B', 'C'),
      calls('C', 'A'),
      calls('B', 'D', { validFrom: iso(1), validTo: iso(2) }),
      { type: 'TESTS', fromEntityId: 'T', toEntityId: 'B' },
    ];
    await say(0, edges, [domain('A')]);
    for (const maxDepth of [2, 10]) {
      expect(await visited({ startId: 'A', maxDepth, at: iso(1) })).toEqual(['A', 'B', 'C', 'D']);
      expect(await visited({ startId: 'A', maxDepth, at: iso(2) })).toEqual(['A', 'B', 'C']);
    }
    expect(await visited({ startId: 'A', since: iso(1), until: iso(30) })).toEqual(['A', 'B', 'C', 'D']);
    expect(await knowledge.traverse(projectId, { startId: 'B', direction: 'incoming', maxDepth: 1 })).toEqual({
      revision: 1,
      visited: [
        { id: 'B', type: null, name: null, path: null, depth: 0, confidence: 1, via: null, from: null },
        {
          id: 'A',
          type: 'businessDomain',
          name: 'Domain A',
          path: null,
          depth: 1,
          confidence: 1,
          via: relationshipId(calls('A', 'B')),
          from: 'B',
        },
        expect.objectContaining({ id: 'T', depth: 1 }),
      ],
      truncated: false,
    });
    await say(50, [calls('A', 'Z')]);
    expect(await visited({ startId: 'A' })).toEqual(['A', 'Z']);
    expect(await visited({ startId: 'A', at: iso(49) })).toEqual(['A', 'B', 'C']);
    now = T(40);
    expect(await visited({ startId: 'A' })).toEqual(['A', 'B', 'C']);
  });

  test('the types of entities restrict what is answered, not what is walked; the limit is said', async () => {
    await say(0, [calls('A', 'B'), calls('B', 'C')], [domain('A'), domain('C')]);
    expect(await visited({ startId: 'A', entityTypes: ['businessDomain'] })).toEqual(['A', 'C']);
    expect(await knowledge.traverse(projectId, { startId: 'A', limit: 2 })).toMatchObject({ truncated: true });
  });

  test('paths: the shortest, none, all, and of nothing that nobody knows (KG-230)', async () => {
    await say(0, [calls('A', 'B'), calls('B', 'C'), calls('C', 'D'), calls('B', 'D')], [domain('X')]);
    const [B, D] = [calls('A', 'B'), calls('B', 'D')].map(relationshipId);
    expect(await knowledge.paths(projectId, { startId: 'A', endId: 'D' })).toEqual({
      revision: 1,
      paths: [
        { entities: ['A', 'B', 'D'], relationships: [B, D], relationshipTypes: ['CALLS', 'CALLS'], totalLength: 2 },
      ],
    });
    const lengths = async (input: Parameters<Knowledge['paths']>[1]) =>
      (await knowledge.paths(projectId, input)).paths.map(({ totalLength }) => totalLength);
    expect(await lengths({ startId: 'D', endId: 'A' })).toEqual([]);
    expect(await lengths({ startId: 'A', endId: 'X' })).toEqual([]);
    expect(await lengths({ startId: 'A', endId: 'A' })).toEqual([0]);
    expect(await lengths({ startId: 'A' })).toEqual([1, 2, 2, 3]);
    expect(await codeOf(knowledge.paths(projectId, { startId: 'A', endId: 'nobody' }))).toBe('GRAPH_ENTITY_NOT_FOUND');
    expect(await codeOf(knowledge.paths(projectId, { startId: 'A', at: iso(1), since: iso(0) }))).toBe(
      'VALIDATION_FAILED',
    );
  });

  test('cycles: each set once, with a shortest cycle through its first entity', async () => {
    await say(0, [
      calls('C', 'A'),
      calls('A', 'B'),
      calls('B', 'C'),
      calls('B', 'A'),
      calls('S', 'S'),
      calls('S', 'A'),
    ]);
    expect(await knowledge.cycles(projectId)).toEqual({
      revision: 1,
      total: 2,
      components: [
        { entities: ['A', 'B', 'C'], cycle: ['A', 'B'] },
        { entities: ['S'], cycle: ['S'] },
      ],
    });
    expect((await knowledge.cycles(projectId, { relationshipTypes: ['READS'] })).total).toBe(0);
  });

  test('timelines tell when a relationship held and what an entity was (KG-206, KG-207)', async () => {
    const id = relationshipId(calls('A', 'B'));
    await say(1, [calls('A', 'B')], [domain('A')]);
    await say(2, []);
    await say(5, [calls('A', 'B')], [{ ...domain('A'), name: 'Other' }]);
    expect(await knowledge.relationshipTimeline(projectId, id)).toMatchObject({
      type: 'CALLS',
      active: true,
      current: { openedAt: iso(5), closedAt: null },
      segments: [{ openedAt: iso(1), closedAt: iso(2) }, { openedAt: iso(5) }],
    });
    expect(await visited({ startId: 'A', at: iso(1) })).toEqual(['A', 'B']);
    expect(await visited({ startId: 'A', at: iso(3) })).toEqual(['A']);
    const { versions } = await knowledge.entityTimeline(projectId, 'A');
    expect(versions.map(({ timestamp, until }) => [timestamp, until])).toEqual([
      [iso(1), iso(2)],
      [iso(5), null],
    ]);
    expect((await knowledge.entity(projectId, 'A', T(1))).entity.name).toBe('Domain A');
    expect((await knowledge.entity(projectId, 'A')).entity.name).toBe('Other');
    expect(await codeOf(knowledge.entity(projectId, 'A', T(3)))).toBe('GRAPH_ENTITY_NOT_FOUND');
  });

  test('another project knows nothing of it', async () => {
    await say(0, [calls('A', 'B')], [domain('A')]);
    const other = await insertTestProject(db.database);
    const id = relationshipId(calls('A', 'B'));
    expect(
      await Promise.all([
        codeOf(knowledge.entity(other, 'A')),
        codeOf(knowledge.traverse(other, { startId: 'A' })),
        codeOf(knowledge.paths(other, { startId: 'A', endId: 'B' })),
        codeOf(knowledge.relationship(other, id)),
        codeOf(knowledge.relationshipTimeline(other, id)),
      ]),
    ).toEqual([
      'GRAPH_ENTITY_NOT_FOUND',
      'GRAPH_ENTITY_NOT_FOUND',
      'GRAPH_ENTITY_NOT_FOUND',
      'GRAPH_RELATIONSHIP_NOT_FOUND',
      'GRAPH_RELATIONSHIP_NOT_FOUND',
    ]);
    expect((await knowledge.cycles(other)).revision).toBe(0);
  });

  test('memory and the recursive query over the tables find the same, however the graph came to be', async () => {
    const REACHED = `WITH RECURSIVE reached (id, depth) AS (
        SELECT $2::text COLLATE "C", 0
        UNION SELECT r.to_id, d.depth + 1 FROM reached d JOIN graph_relationships r ON r.project_id = $1 AND r.from_id = d.id
          AND r.confidence >= $4 AND r.valid_from <= $5 AND (r.valid_to IS NULL OR $5 < r.valid_to)
        WHERE d.depth < $3)
      SELECT id, min(depth) AS depth FROM reached GROUP BY id ORDER BY id`;
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const edge = fc.record({ from: names, to: names, confidence: fc.constantFrom(0.2, 0.9) });
    const scans = fc.array(fc.array(edge, { maxLength: 8 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        scans,
        fc.constantFrom(1, 3),
        fc.constantFrom(0, 0.9),
        async (steps, maxDepth, minConfidence) => {
          projectId = await insertTestProject(db.database);
          await say(0, [], [domain('a')]);
          for (const [n, edges] of steps.entries()) {
            await say(
              n + 1,
              edges.map(({ from, to, confidence }) => calls(from, to, { confidence })),
              [domain('a')],
            );
            const at = T(n + 1);
            const { visited } = await knowledge.traverse(projectId, {
              startId: 'a',
              maxDepth,
              minConfidence,
              at: at.toISOString(),
            });
            const found = visited.map(({ id, depth }) => ({ id, depth })).sort((a, b) => (a.id < b.id ? -1 : 1));
            const oracle = await db.database.query({ name: '', text: REACHED }, [
              projectId,
              'a',
              maxDepth,
              minConfidence,
              at,
            ]);
            expect(found).toEqual(oracle);
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});
