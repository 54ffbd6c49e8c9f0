import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { relationshipId } from '../identity/relationship-id.ts';
import { Knowledge } from '../knowledge.ts';

/** Noon of a day of the month in which all of this is. */
const day = (n: number) => new Date(Date.UTC(2026, 0, n, 12)).toISOString();
const calls = (from: string, to: string) => ({ type: 'CALLS', fromEntityId: from, toEntityId: to });
const domain = (id: string, name: string) => ({
  id,
  type: 'businessDomain',
  name,
  description: '',
  criticality: 'core',
  stakeholders: [],
  keyProcesses: [],
  extractedFrom: [],
});
const checkpoint = {
  id: 'checkpoint:1',
  type: 'checkpoint',
  checkpointId: '1',
  timestamp: day(3),
  reason: 'manual',
  hops: 1,
  seedEntities: ['A'],
};
const includes = (toEntityId: string) => ({
  type: 'CHECKPOINT_INCLUDES',
  fromEntityId: checkpoint.id,
  toEntityId,
  checkpointId: '1',
  hopDistance: 0,
});

describeOnBackends('history of the code graph', (backend) => {
  let db: TestDatabase;
  let knowledge: Knowledge;
  beforeAll(async () => {
    db = await backend.open();
    const clock = { ...systemClock, now: () => new Date(day(31)) };
    knowledge = new Knowledge({ database: db.database, clock, ids: systemIds });
  });
  afterAll(() => db.close());

  /** A -> B on days 2 to 4 and from day 6, A -> C on days 2 to 4; A is another on day 4. */
  async function remember(): Promise<string> {
    const projectId = await insertTestProject(db.database);
    const say = (at: string, relationships: object[], name: string) =>
      knowledge.ingest(projectId, { units: [{ unit: 'u', relationships, entities: [domain('A', name)] }], at }, 'ann');
    await say(day(2), [calls('A', 'B'), calls('A', 'C')], 'first');
    await say(day(4), [], 'second');
    await say(day(6), [calls('A', 'B')], 'second');
    return projectId;
  }
  const reached = async (projectId: string, at: string) =>
    (await knowledge.traverse(projectId, { startId: 'A', at })).visited.map(({ id }) => id);
  const segments = async (projectId: string, to: string) =>
    (await knowledge.relationshipTimeline(projectId, relationshipId(calls('A', to)))).segments.length;

  test('that ended long ago is forgotten, in memory too; what holds is not (KG-209)', async () => {
    const projectId = await remember();
    expect(await reached(projectId, day(3))).toEqual(['A', 'B', 'C']);
    const all = { segments: 1, relationships: 1, versions: 1 };
    expect(await knowledge.forgetOld(projectId, 28)).toEqual({ segments: 0, relationships: 0, versions: 0 });
    expect(await knowledge.forgetOld(projectId, 20, { dryRun: true })).toEqual(all);
    expect(await reached(projectId, day(3))).toEqual(['A', 'B', 'C']);
    expect(await knowledge.forgetOld(projectId, 20)).toEqual(all);
    expect(await knowledge.forgetOld(projectId, 20)).toEqual({ segments: 0, relationships: 0, versions: 0 });
    expect([await reached(projectId, day(3)), await reached(projectId, day(7))]).toEqual([['A'], ['A', 'B']]);
    expect(await segments(projectId, 'B')).toBe(1);
    const { versions } = await knowledge.entityTimeline(projectId, 'A');
    expect(versions.map(({ previousVersionId, until }) => [previousVersionId, until])).toEqual([[null, null]]);
  });

  test('stays as a checkpoint has it', async () => {
    const projectId = await remember();
    const units = [{ unit: null, entities: [checkpoint], relationships: [includes('A'), includes('B')] }];
    await knowledge.ingest(projectId, { units, at: day(7) }, 'ann');
    // C is in no checkpoint, and goes.
    expect(await knowledge.forgetOld(projectId, 20)).toEqual({ segments: 0, relationships: 1, versions: 0 });
    expect([await segments(projectId, 'B'), await reached(projectId, day(3))]).toEqual([2, ['A', 'B']]);
    expect((await knowledge.entity(projectId, 'A', new Date(day(3)))).entity.name).toBe('first');
    await knowledge.ingest(
      projectId,
      { retract: { relationships: [includes('B')].map(relationshipId) }, at: day(8) },
      'ann',
    );
    expect(await knowledge.forgetOld(projectId, 20)).toMatchObject({ segments: 1, versions: 0 });
  });

  test('of an entity that is gone its last version stays', async () => {
    const projectId = await remember();
    await knowledge.ingest(projectId, { units: [{ unit: 'u' }], at: day(8) }, 'ann');
    expect(await knowledge.forgetOld(projectId, 20)).toEqual({ segments: 1, relationships: 2, versions: 1 });
    expect((await knowledge.entityTimeline(projectId, 'A')).versions).toHaveLength(1);
  });
});
