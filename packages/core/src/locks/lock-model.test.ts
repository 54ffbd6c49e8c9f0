import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../platform/database/index.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { DEFAULT_LOCK_POLICY, lockRequest } from './lock-request.ts';
import { acquireBatch, type LockBatch, pollBatch, releaseBatch, sweepLocks } from './lock-store.ts';
import { overlaps } from './resource-name.ts';

interface Ask {
  id: string;
  resource: string;
  owner: string;
  shared: boolean;
  priority: number;
  arrival: number;
  upgrade: boolean;
}
interface Held extends Ask {
  token: number;
}

/** What the room promises, in a page: holders, a queue, and who goes next. */
class Model {
  held: Held[] = [];
  queue: Ask[] = [];
  arrivals = 0;

  conflict(a: Ask, b: Ask): boolean {
    return a.owner !== b.owner && !(a.shared && b.shared) && overlaps(a.resource, b.resource);
  }

  covered(ask: Ask): boolean {
    const above = (held: Held) => ask.resource === held.resource || ask.resource.startsWith(`${held.resource}/`);
    return this.held.some((held) => held.owner === ask.owner && above(held) && (ask.shared || !held.shared));
  }

  before(a: Ask, b: Ask): boolean {
    if (a.upgrade !== b.upgrade) return a.upgrade;
    return a.priority !== b.priority ? a.priority > b.priority : a.arrival < b.arrival;
  }

  free(ask: Ask): boolean {
    if (this.covered(ask)) return true;
    return (
      !this.held.some((held) => this.conflict(held, ask)) &&
      !this.queue.some((other) => other.id !== ask.id && this.before(other, ask) && this.conflict(other, ask))
    );
  }

  /** Who is granted once the present holders and waiters stand: in the order of the queue, until nobody more can be. */
  serve(): string[] {
    const granted: string[] = [];
    for (;;) {
      const next = [...this.queue].sort((a, b) => (this.before(a, b) ? -1 : 1)).find((ask) => this.free(ask));
      if (!next) return granted;
      this.queue = this.queue.filter(({ id }) => id !== next.id);
      this.held.push({ ...next, token: 0 });
      granted.push(next.id);
    }
  }
}

const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('acquire' as const),
      resource: fc.constantFrom('p', 'p/a', 'p/a/x', 'p/b', 'q'),
      owner: fc.constantFrom('o1', 'o2', 'o3', 'o4'),
      shared: fc.boolean(),
      priority: fc.integer({ min: 0, max: 2 }),
      waits: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('release' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('expire' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('poll' as const) }) },
);

describeOnBackends('model of locks', (backend) => {
  let db: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    db = await backend.open();
    database = db.database;
  });
  afterAll(() => db.close());

  test('exclusion, fairness and growing tokens hold for whatever happens in whatever order', async () => {
    let granted = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(command, { minLength: 1, maxLength: 5 }), { maxLength: 12 }),
        async (batches) => {
          const projectId = await insertTestProject(database);
          const model = new Model();
          const tokens = new Map<string, number>();
          /** Tokens grow per resource; only nesting repeats the one that its owner has. */
          const note = (batch: { id: string; token: number | null }[]) => {
            for (const { id, token } of batch) {
              const held = model.held.find((one) => one.id === id);
              if (!held || token === null) throw new Error(`${id} was granted, and the model knows nothing of it`);
              const nested = model.held.some(
                (one) =>
                  one !== held && one.owner === held.owner && one.resource === held.resource && one.token === token,
              );
              if (!nested) {
                expect(token).toBeGreaterThan(tokens.get(held.resource) ?? 0);
                tokens.set(held.resource, token);
              }
              held.token = token;
              granted += 1;
            }
          };
          const served = (batch: LockBatch, expected: string[]) => {
            const told = batch.changes.filter(({ outcome }) => outcome === 'granted');
            expect(told.map(({ id }) => id).sort()).toEqual([...expected].sort());
            note(told);
          };

          for (const batch of batches) {
            const asks = batch.filter((one) => one.kind === 'acquire');
            if (asks.length > 0) {
              const calls = asks.map(({ resource, owner, shared, priority, waits }) => ({
                projectId,
                leaseMs: 600_000,
                request: lockRequest(
                  {
                    resource,
                    owner,
                    mode: shared ? 'shared' : 'exclusive',
                    priority,
                    waitMs: waits ? 600_000 : 0,
                    ttlMs: 600_000,
                  },
                  DEFAULT_LOCK_POLICY,
                  systemIds,
                ),
              }));
              const result = await acquireBatch(database, calls, null);
              const alone = result.verdicts.map((verdict) => verdict?.outcome);
              // Calls that overlap none of the batch may be granted before the others; that changes nothing for the others.
              for (const [index, { resource, owner, shared, priority, waits }] of asks.entries()) {
                model.arrivals += 1;
                const id = calls[index]?.request.id ?? '';
                const upgrade = model.held.some((held) => held.owner === owner && overlaps(held.resource, resource));
                const ask: Ask = { id, resource, owner, shared, priority, upgrade, arrival: model.arrivals };
                const verdict = result.verdicts[index];
                if (model.free(ask)) {
                  expect(alone[index]).toBe('granted');
                  model.held.push({ ...ask, token: 0 });
                  note([{ id, token: verdict?.token ?? null }]);
                } else {
                  expect(alone[index]).toBe(waits ? 'queued' : 'contended');
                  if (waits) model.queue.push(ask);
                }
              }
            }
            for (const one of batch) {
              if (one.kind === 'release' && model.held.length > 0) {
                const [gone] = model.held.splice(one.which % model.held.length, 1);
                if (!gone) continue;
                const call = { projectId, id: gone.id, token: gone.token, resource: gone.resource };
                const result = await releaseBatch(database, [call], null);
                expect(result.verdicts[0]?.outcome).toBe('released');
                served(result, model.serve());
                expect((await releaseBatch(database, [call], null)).verdicts[0]?.outcome).toBe('gone');
              }
              if (one.kind === 'expire' && model.held.length > 0) {
                const [gone] = model.held.splice(one.which % model.held.length, 1);
                const text = `UPDATE lock_holdings SET expires_at = clock_timestamp(), check_at = clock_timestamp() WHERE id = $1`;
                await database.query({ name: '', text }, [gone?.id]);
                const changes = (await sweepLocks(database, 100, null)).filter(
                  (change) => change.projectId === projectId,
                );
                expect(changes.filter(({ outcome }) => outcome === 'lost').map(({ id }) => id)).toEqual([gone?.id]);
                served({ verdicts: [], changes }, model.serve());
              }
              if (one.kind === 'leave' && model.queue.length > 0) {
                const [gone] = model.queue.splice(one.which % model.queue.length, 1);
                const call = { projectId, id: gone?.id ?? '', token: null, resource: null };
                served(await releaseBatch(database, [call], null), model.serve());
              }
              if (one.kind === 'poll') {
                const calls = [...model.queue, ...model.held].map(({ id }) => ({ projectId, id }));
                const result = await pollBatch(database, calls, null);
                served(result, model.serve());
                for (const verdict of result.verdicts) {
                  const queued = model.queue.some(({ id }) => id === verdict?.id);
                  expect(verdict?.outcome).toBe(queued ? 'queued' : 'granted');
                }
              }
            }
            for (const one of model.held)
              for (const other of model.held) expect(one !== other && model.conflict(one, other)).toBe(false);
          }
        },
      ),
      { numRuns: backend.name === 'postgres' ? 250 : 60 },
    );
    expect(granted).toBeGreaterThan(100);
  }, 120_000);
});
