import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Knowledge } from '../knowledge.ts';

const day = (n: number) => new Date(Date.UTC(2026, 0, n)).toISOString();
const calls = (from: string, to: string, more: object = {}) => ({
  type: 'CALLS',
  fromEntityId: from,
  toEntityId: to,
  ...more,
});

describeOnBackends('checkpoints of the code graph (KG-202)', (backend) => {
  let db: TestDatabase;
  let knowledge: Knowledge;
  let projectId: string;
  beforeAll(async () => {
    db = await backend.open();
    const clock = { ...systemClock, now: () => new Date(day(5)) };
    knowledge = new Knowledge({ database: db.database, clock, ids: systemIds });
    projectId = await insertTestProject(db.database);
    // X leads to A, A to B, B to C; A led to D until the third day.
    const relationships = [calls('X', 'A'), calls('A', 'B'), calls('B', 'C'), calls('A', 'D', { validTo: day(3) })];
    await knowledge.ingest(projectId, { units: [{ unit: 'u', relationships }], at: day(1) }, 'ann');
  });
  afterAll(() => db.close());

  const take = (input: object) =>
    knowledge.takeCheckpoint(projectId, { seedEntities: ['A'], reason: 'manual', ...input }, 'ann');
  const membersOf = async (startId: string) =>
    (await knowledge.traverse(projectId, { startId, relationshipTypes: ['CHECKPOINT_INCLUDES'], maxDepth: 1 })).visited
      .slice(1)
      .map(({ id }) => id);
  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => null,
      (error: unknown) => (SignalboxError.is(error) ? error.code : error),
    );

  test('include every entity within so many hops, over what holds, or held in a time', async () => {
    const near = await take({ hops: 1 });
    expect(near).toMatchObject({ members: 3, timestamp: day(5) });
    expect(await membersOf(near.id)).toEqual(['A', 'B', 'X']);
    expect(await membersOf((await take({ hops: 0 })).id)).toEqual(['A']);
    expect(await membersOf((await take({ hops: 1, since: day(2), until: day(3) })).id)).toEqual(['A', 'B', 'D', 'X']);
    // A checkpoint before it leads nowhere.
    expect(await membersOf((await take({})).id)).toEqual(['A', 'B', 'C', 'X']);
    expect((await knowledge.entity(projectId, near.id)).entity).toMatchObject({
      reason: 'manual',
      seedEntities: ['A'],
    });
  });

  test('are refused without seeds, and of seeds that nobody knows', async () => {
    expect(await codeOf(take({ seedEntities: [] }))).toBe('VALIDATION_FAILED');
    expect(await codeOf(take({ seedEntities: ['A', 'nobody'] }))).toBe('GRAPH_ENTITY_NOT_FOUND');
    expect(await codeOf(take({ hops: 6 }))).toBe('VALIDATION_FAILED');
    const other = await insertTestProject(db.database);
    expect(await codeOf(knowledge.takeCheckpoint(other, { seedEntities: ['A'], reason: 'daily' }, 'ann'))).toBe(
      'GRAPH_ENTITY_NOT_FOUND',
    );
  });
});
