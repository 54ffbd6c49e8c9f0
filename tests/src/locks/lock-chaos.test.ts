import { setTimeout as sleep } from 'node:timers/promises';
import { Migrator, PgDatabase } from '@signalbox/core';
import { insertTestProject, type ServerPostgres, startServerPostgres } from '@signalbox/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHistory, type LockEffect, type LockEvent } from './lock-history.ts';
import { LockProcess } from './lock-process.ts';

/** Seconds of load; raise it to look longer than CI does. */
const SECONDS = Number(process.env.SIGNALBOX_LOCK_CHAOS_SECONDS ?? 15);
const PROCESSES = 4;
const RESOURCES = ['one', 'two', 'three'];
/** With fewer grants and writes than this nothing is proven. */
const ENOUGH = 10 * SECONDS;

type Snapshot = Extract<LockEvent, { kind: 'queue' }>;

const now = () => Number(process.hrtime.bigint()) / 1e6;

describe('locks under kill -9, SIGSTOP and a database that restarts', () => {
  let postgres: ServerPostgres;
  let database: PgDatabase;
  let projectId: string;
  beforeAll(async () => {
    postgres = await startServerPostgres({ durable: true });
    database = new PgDatabase({
      kind: 'server',
      pool: { connectionString: postgres.connectionString },
      onIdleError: () => undefined,
    });
    await new Migrator(database).up();
    await database.query({
      name: '',
      text: 'CREATE TABLE effects (n bigserial PRIMARY KEY, resource text, token bigint)',
    });
    projectId = await insertTestProject(database);
  });
  afterAll(async () => {
    await database.close();
    await postgres.stop();
  });

  const start = (n: number) => LockProcess.start(`worker-${n}`, postgres.connectionString, projectId);

  /** The queues and holders of all resources in one snapshot. */
  const queues = async (): Promise<LockEvent[]> => {
    const text = `SELECT resource, coalesce(json_agg(waiter) FILTER (WHERE waiter IS NOT NULL), '[]') AS waiting,
        coalesce(json_agg(holder) FILTER (WHERE holder IS NOT NULL), '[]') AS holding
      FROM (
        SELECT resource, json_build_object('id', id, 'priority', priority, 'arrival', arrival) AS waiter, NULL::json AS holder
        FROM lock_waiters WHERE project_id = $1 AND refusal IS NULL AND least(seen_until, expires_at) > clock_timestamp()
        UNION ALL
        SELECT resource, NULL, json_build_object('id', id, 'token', token) FROM lock_holdings WHERE project_id = $1
      ) x GROUP BY resource`;
    const rows = await database.query<Pick<Snapshot, 'resource' | 'waiting' | 'holding'>>({ name: '', text }, [
      projectId,
    ]);
    return rows.map((row) => ({ kind: 'queue', at: now(), ...row }));
  };

  it('exclude, serve in order and fence, as the recorded history shows', {
    timeout: 90_000 + SECONDS * 2_000,
  }, async () => {
    let started = PROCESSES;
    let live = await Promise.all(Array.from({ length: PROCESSES }, (_, n) => start(n)));
    const ended: LockProcess[] = [];
    const events: LockEvent[] = [];
    const load = { owners: 3, resources: RESOURCES, ttlMs: 900, waitMs: 10_000 };
    for (const one of live) one.load(load);

    const end = now() + SECONDS * 1_000;
    let [kills, stops, restarts] = [0, 0, 0];
    const watching = new AbortController();
    const watch = (async () => {
      while (!watching.signal.aborted) {
        // The database is away now and then; that is the point.
        events.push(...(await queues().catch(() => [])));
        await sleep(20);
      }
    })();
    for (let turn = 0; now() < end || turn < 3; turn += 1) {
      await sleep(500);
      const [first, second, ...rest] = live;
      if (!first || !second) throw new Error('too few processes are left');
      if (turn % 3 === 0) {
        await first.kill();
        events.push({ kind: 'died', at: now(), worker: first.name });
        ended.push(first);
        kills += 1;
        const fresh = await start(started++);
        fresh.load(load);
        live = [second, ...rest, fresh];
      } else if (turn % 3 === 1) {
        // Longer than the locks' time: its locks are lost while it stands still.
        second.signal('SIGSTOP');
        await sleep(1_100);
        second.signal('SIGCONT');
        stops += 1;
        live = [first, ...rest, second];
      } else {
        await postgres.restart('SIGQUIT');
        restarts += 1;
      }
    }
    watching.abort();
    await watch;
    await Promise.all(live.map((one) => one.rest()));
    await Promise.all(live.map((one) => one.kill()));
    for (const one of [...ended, ...live]) events.push(...one.events);
    events.sort((a, b) => a.at - b.at);

    const text = 'SELECT resource, token::int FROM effects ORDER BY n';
    const effects = await database.query<LockEffect>({ name: '', text });
    expect(checkHistory(events, effects)).toEqual([]);
    const count = (kind: LockEvent['kind']) => events.filter((event) => event.kind === kind).length;
    expect(Math.min(kills, stops, restarts)).toBeGreaterThan(0);
    expect(Math.min(count('granted'), count('released'), effects.length, count('queue'))).toBeGreaterThan(ENOUGH);
  });
});
