import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Knowledge } from '../knowledge.ts';
import { CodeGraph } from './code-graph.ts';
import { Graphs } from './graphs.ts';

const EDGES = 2_400;
const CHANGED = 200;

describeOnBackends('graphs in memory', (backend) => {
  let db: TestDatabase;
  let projectId: string;
  let knowledge: Knowledge;
  beforeAll(async () => {
    db = await backend.open();
    knowledge = new Knowledge({ database: db.database, clock: systemClock, ids: systemIds });
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    projectId = await insertTestProject(db.database);
    const relationships = Array.from({ length: EDGES }, (_, n) => calls(`A${n}`, `B${n % 50}`));
    await knowledge.ingest(projectId, { units: [{ unit: 'all', relationships }] }, 'ann');
  });

  const calls = (fromEntityId: string, toEntityId: string) => ({ type: 'CALLS', fromEntityId, toEntityId });
  const add = (round: number) => {
    const relationships = Array.from({ length: CHANGED }, (_, n) => calls(`new${round}.${n}`, 'B0'));
    return knowledge.ingest(projectId, { units: [{ unit: `round ${round}`, relationships }] }, 'ann');
  };
  const intoB0 = (graph: CodeGraph) => {
    let count = 0;
    graph.eachEdge(graph.nodeOf('B0') ?? -1, 'incoming', () => (count += 1));
    return count;
  };
  /** Time that goes on with each look gives each slice one step. */
  const hurried = () => {
    let now = 0;
    return { monotonic: () => (now += 10) };
  };

  test('answer what is committed while their arrays are made anew, and after that', async () => {
    const errors: unknown[] = [];
    const graphs = new Graphs(db.database, hurried(), (error) => errors.push(error));
    const before = await graphs.current(projectId);
    expect([before.overlayShare, intoB0(before)]).toEqual([0, EDGES / 50]);
    await add(1);
    const grown = await graphs.current(projectId);
    // It did not wait for that.
    expect(grown.overlayShare).toBeGreaterThan(0.05);
    expect(intoB0(grown)).toBe(EDGES / 50 + CHANGED);
    await add(2);
    expect(intoB0(await graphs.current(projectId))).toBe(EDGES / 50 + 2 * CHANGED);
    await graphs.settled();
    const after = await graphs.current(projectId);
    expect(intoB0(after)).toBe(EDGES / 50 + 2 * CHANGED);
    expect(after.revision).toBe(await knowledge.revision(projectId));
    expect(after.overlayShare).toBeLessThan(CHANGED / EDGES + 0.01);
    expect(errors).toEqual([]);
    await graphs.close();
  });

  test('go on without that where it fails, and try again later; closing breaks it off', async () => {
    const errors: unknown[] = [];
    let now = 0;
    const original = CodeGraph.prototype.compacting;
    let asked = 0;
    CodeGraph.prototype.compacting = function* () {
      asked += 1;
      yield;
      throw new RangeError('no room');
    };
    const graphs = new Graphs(db.database, { monotonic: () => now }, (error) => errors.push(error));
    try {
      await graphs.current(projectId);
      for (const round of [1, 2]) {
        await add(round);
        await graphs.current(projectId);
        await graphs.settled();
      }
      expect([asked, errors.length]).toEqual([1, 1]);
      expect(intoB0(await graphs.current(projectId))).toBe(EDGES / 50 + 2 * CHANGED);
    } finally {
      CodeGraph.prototype.compacting = original;
    }
    now = 61_000;
    await add(3);
    await graphs.current(projectId);
    await graphs.settled();
    const anew = await graphs.current(projectId);
    expect([anew.overlayShare, intoB0(anew)]).toEqual([0, EDGES / 50 + 3 * CHANGED]);
    for (const round of [4, 5]) await add(round);
    const grown = await graphs.current(projectId);
    await graphs.close();
    expect((await graphs.current(projectId)).overlayShare).toBe(grown.overlayShare);
  });

  test('are made anew no further once what answers from them is closed', async () => {
    const original = CodeGraph.prototype.compacting;
    let steps = 0;
    CodeGraph.prototype.compacting = function* () {
      for (;;) {
        steps += 1;
        yield;
      }
    };
    const own = new Knowledge({ database: db.database, clock: { ...systemClock, ...hurried() }, ids: systemIds });
    try {
      await own.cycles(projectId);
      await add(1);
      await own.cycles(projectId);
      await expect.poll(() => steps).toBeGreaterThan(2);
      await own.close();
      const before = steps;
      for (let n = 0; n < 20; n += 1) await turn();
      expect(steps).toBe(before);
    } finally {
      CodeGraph.prototype.compacting = original;
    }
  });
});
