import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ManualClock } from '../../platform/clock/manual-clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { randomCases } from '../../testing/random-cases.ts';
import { Knowledge } from '../knowledge.ts';
import { AssertedGraph } from './asserted-graph.ts';
import type { AssertedEntity, AssertedRelationship } from './asserted-item.ts';

const MINUTE = 60_000;
interface Step {
  unit: string | null;
  entities: string[];
  edges: string[];
  text: string;
  retract: boolean;
}
const CASES = { numRuns: Math.ceil(randomCases().numRuns / 20) };
const domain = (id: string, description: string) => ({
  ...{ id, type: 'businessDomain', name: id, description, criticality: 'core' },
  ...{ stakeholders: [], keyProcesses: [], extractedFrom: [] },
});

describeOnBackends('what people say of the graph', (backend) => {
  let db: TestDatabase;
  let projectId: string;
  let clock: ManualClock;
  let knowledge: Knowledge;
  let asserted: AssertedGraph;
  beforeAll(async () => {
    db = await backend.open();
  });
  afterAll(() => db.close());
  beforeEach(() => anew());

  async function anew(): Promise<void> {
    clock = new ManualClock();
    const parts = { database: db.database, clock, ids: systemIds };
    knowledge = new Knowledge(parts);
    asserted = new AssertedGraph(parts);
    projectId = await insertTestProject(db.database);
  }
  const say = async (unit: string | null, entities: object[], relationships: object[] = []) => {
    await clock.advance(MINUTE);
    await knowledge.ingest(projectId, { units: [{ unit, entities, relationships }] }, 'ann');
  };
  const entities = () => asserted.getEntities(db.database, projectId);
  const relationships = () => asserted.getRelationships(db.database, projectId);
  /** Puts all back as it was, item by item. */
  const putBack = async (then: { entities: AssertedEntity[]; relationships: AssertedRelationship[] }) => {
    for (const kind of ['entities', 'relationships'] as const) {
      const [was, is] = [new Map<string, AssertedRelationship>(), new Map<string, AssertedRelationship>()];
      for (const one of then[kind] as AssertedRelationship[]) was.set(one.id, one);
      for (const one of (await (kind === 'entities' ? entities() : relationships())) as AssertedRelationship[])
        is.set(one.id, one);
      for (const id of new Set([...was.keys(), ...is.keys()])) {
        const put = kind === 'entities' ? 'putEntity' : 'putRelationship';
        await asserted[put](projectId, id, was.get(id) ?? null, is.get(id) ?? null, 'tester');
      }
    }
  };

  it('a call that people told of comes back with all that was said of it, as a new segment', async () => {
    const call = {
      ...{ type: 'CALLS', fromEntityId: 'a', toEntityId: 'sym:src/b.ts#b', source: 'ast', confidence: 0.7, arity: 2 },
      ...{ occurrencesScan: 3, location: { path: 'src/a.ts', line: 4 }, metadata: { note: 'by hand' } },
    };
    await say(null, [], [call]);
    const [was] = await relationships();
    expect(was).toMatchObject({ type: 'CALLS', from: 'a', to: 'sym:src/b.ts#b', arity: 2, occurrencesTotal: 3 });
    await say(null, [], [{ ...call, arity: 3, confidence: 0.9 }]);
    await clock.advance(MINUTE);
    await knowledge.ingest(projectId, { retract: { entities: [], relationships: [String(was?.id)] } }, 'ann');
    expect(await relationships()).toEqual([]);
    await clock.advance(MINUTE);
    await asserted.putRelationship(projectId, String(was?.id), was ?? null, null, 'tester');
    expect(await relationships()).toEqual([was]);
    const { segments, active } = await knowledge.relationshipTimeline(projectId, String(was?.id));
    expect([segments.length, active]).toEqual([2, true]);
    expect((await knowledge.traverse(projectId, { startId: 'a' })).visited.map(({ id }) => id)).toEqual([
      ...['a', 'sym:src/b.ts#b'],
    ]);
  });

  it('one that ends by itself is history: it is not captured, and not put back', async () => {
    const until = new Date(clock.now().getTime() + 10 * MINUTE);
    const edge = { type: 'DEPENDS_ON', fromEntityId: 'a', toEntityId: 'b', validTo: until.toISOString() };
    await say(null, [], [edge]);
    const [was] = await relationships();
    expect(was).toMatchObject({ validTo: until.toISOString() });
    expect(asserted.isOver(was as AssertedRelationship)).toBe(false);
    // Somebody lets it hold for longer; as it was it ends when it was to.
    await say(null, [], [{ ...edge, validTo: new Date(until.getTime() + 60 * MINUTE).toISOString() }]);
    const [longer] = await relationships();
    await asserted.putRelationship(projectId, String(was?.id), was ?? null, longer ?? null, 'tester');
    expect(await relationships()).toEqual([was]);
    await clock.advance(20 * MINUTE);
    expect(await relationships()).toEqual([]);
    expect(asserted.isOver(was as AssertedRelationship)).toBe(true);
  });

  it('refuses to write over what it does not know, under another id, and what is no entity', async () => {
    await say(null, [domain('a', '1')]);
    const [a] = await entities();
    const put = (id: string, value: object | null, expected: AssertedEntity | null) =>
      asserted.putEntity(projectId, id, value as AssertedEntity, expected, 'tester');
    await expect(put('a', domain('a', '2'), null)).rejects.toMatchObject({ code: 'ROLLBACK_WRITE_STALE' });
    await expect(put('a', null, domain('a', '2'))).rejects.toMatchObject({ code: 'ROLLBACK_WRITE_STALE' });
    await expect(put('b', domain('a', '2'), null)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(put('a', { ...domain('a', '2'), type: 'no' }, a ?? null)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect(await entities()).toEqual([a]);
  });

  it('whatever people and indexers say one after the other, people’s word comes back and that of indexers stays', async () => {
    const step: fc.Arbitrary<Step> = fc.record({
      unit: fc.constantFrom(null, 'typescript:a'),
      entities: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
      edges: fc.uniqueArray(fc.constantFrom('ab', 'bc', 'ca'), { maxLength: 3 }),
      text: fc.constantFrom('1', '2'),
      retract: fc.boolean(),
    });
    const tell = async ({ unit, entities: ids, edges, text, retract }: Step) => {
      const said = edges.map((ends) => ({
        ...{ type: 'CALLS', fromEntityId: ends.charAt(0), toEntityId: ends.charAt(1), source: 'ast' },
        confidence: text === '1' ? 0.5 : 0.8,
      }));
      if (!retract || unit !== null)
        return say(
          unit,
          ids.map((id) => domain(id, text)),
          said,
        );
      await clock.advance(MINUTE);
      const known = (await relationships()).map(({ id }) => id).slice(0, edges.length);
      await knowledge.ingest(projectId, { retract: { entities: ids, relationships: known } }, 'ann');
    };
    const indexed = () =>
      db.database.query(
        {
          name: '',
          text: `SELECT id, coalesce(statements -> 'typescript:a' -> 'data', data) AS said FROM graph_entities
                 WHERE project_id = $1 AND 'typescript:a' = ANY (units) ORDER BY id`,
        },
        [projectId],
      );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 4 }),
        fc.array(step, { minLength: 1, maxLength: 4 }),
        async (first, then) => {
          await anew();
          for (const one of first) await tell(one);
          const was = { entities: await entities(), relationships: await relationships() };
          for (const one of then) await tell(one);
          const theirs = await indexed();
          await clock.advance(MINUTE);
          await putBack(was);
          expect({ entities: await entities(), relationships: await relationships() }).toEqual(was);
          expect(await indexed()).toEqual(theirs);
        },
      ),
      CASES,
    );
  });
});
