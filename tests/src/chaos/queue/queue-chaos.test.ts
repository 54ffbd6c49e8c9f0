import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Migrator, PgDatabase } from '@signalbox/core';
import { insertTestProject, type ServerPostgres, startServerPostgres } from '@signalbox/core/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { JsonProcess } from '../../processes/json-process.ts';
import { EFFECTS_TABLE } from './effect-log.ts';
import { type JoinedParts, joinParts } from './joined-parts.ts';
import { isPassing, machineTime, seeded } from './part.ts';
import type { EnqueuerAnswer, EnqueuerPart } from './queue-enqueuer.ts';
import {
  type Attempt,
  checkQueue,
  type Effect,
  type Enqueue,
  recoveries,
  type Span,
  type Taken,
  undisturbed,
} from './queue-history.ts';
import type { PartName } from './queue-parts.ts';
import { WorkerSlot } from './worker-slot.ts';

/** How much; raise both to look longer than CI does (100,000 tasks and 900 seconds). */
const TASKS = Number(process.env.SIGNALBOX_CHAOS_TASKS ?? 15_000);
const SECONDS = Number(process.env.SIGNALBOX_CHAOS_SECONDS ?? 25);
const SEED = Number(process.env.SIGNALBOX_CHAOS_SEED ?? randomInt(1_000_000));

const LEASE_MS = 2_000;
/**
 * Within this a dead worker's tasks run again, by the acceptance of the queue. It is demanded of longer runs, on a machine of their own. Where
 * neighbours take the processor from all these processes no witness can tell by how much; there a guard must do.
 */
const RECOVERY_MS = LEASE_MS + 2_000;
const SHORT = process.env.SIGNALBOX_CHAOS_SECONDS === undefined;
const LATEST_MS = SHORT ? 3 * RECOVERY_MS : RECOVERY_MS;
/**
 * So many workers are always left, and well: not on the way back from a fault of their own. For one of four the work of the dead and everybody
 * else's was more than it could do in time.
 */
const LEFT = SHORT ? 1 : 2;
const WORKER = { concurrency: 20, prefetch: 60, leaseSeconds: LEASE_MS / 1_000, heartbeatSeconds: 0.5 };
/** By how much the workers' clocks are wrong, and how many workers there are. */
const CLOCKS = [0, 7 * 60_000, -11 * 60_000, 0];
/** What the queue may take once the faults are over. */
const SETTLE_MS = 60_000 + SECONDS * 1_000 + TASKS * 2;
const GRACE = { timeout: SETTLE_MS, interval: 250 };

describe('the queue under kill -9, SIGSTOP, half-open connections, wrong clocks and a database that restarts', () => {
  let postgres: ServerPostgres;
  let database: PgDatabase;
  let parts: JoinedParts;
  const cleanUp: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    parts = await joinParts();
    postgres = await startServerPostgres({ durable: true });
    const pool = { connectionString: postgres.connectionString };
    database = new PgDatabase({ kind: 'server', pool, onIdleError: () => undefined });
    await new Migrator(database).up();
    for (const text of EFFECTS_TABLE) await database.query({ name: '', text });
  });
  // After each try: the processes of one must not be there in the next.
  afterEach(async () => {
    for (const step of cleanUp.splice(0).reverse()) await step();
  });
  afterAll(async () => {
    await database.close();
    await postgres.stop();
    await parts.remove();
  });

  const sql = <Row>(text: string) => database.query<Row>({ name: '', text });

  it(`of ${TASKS} tasks in ${SECONDS} seconds none is lost and none completed twice, and those of the dead run again in time`, {
    timeout: 60_000 + 2 * SECONDS * 1_000 + SETTLE_MS,
  }, async () => {
    const random = seeded(SEED);
    const between = (low: number, high: number) => low + random() * (high - low);
    const projectId = await insertTestProject(database);
    const part = { connectionString: postgres.connectionString, projectId };
    const start = (name: string, which: PartName, settings: object, take?: (answer: object) => boolean) => {
      const args = [JSON.stringify({ ...part, name, ...settings }), which];
      const process = new JsonProcess<never, object>({
        name,
        script: parts.script,
        args,
        ...(take ? { take } : {}),
      });
      cleanUp.push(() => process.kill());
      return process;
    };

    const stalls: Span[] = [];
    start('witness', 'witness', {}, (answer) => 'stood' in answer && stalls.push(answer.stood as Span) > 0);
    const complaints: object[] = [];
    start('scheduler', 'scheduler', {}, (answer) => 'failed' in answer && complaints.push(answer) > 0);
    const slots = await Promise.all(
      CLOCKS.map((clockOffsetMs, n) =>
        WorkerSlot.open(parts.script, { ...part, name: `worker-${n}`, clockOffsetMs, worker: WORKER }),
      ),
    );
    cleanUp.push(async () => void (await Promise.all(slots.map((slot) => slot.close()))));
    const enqueues: Enqueue[] = [];
    const take = (answer: object) => {
      if (!('enqueues' in answer)) return false;
      for (const one of answer.enqueues as Enqueue[]) enqueues.push(one);
      return true;
    };
    const enqueuers = [0, 1].map((n) => {
      const load: Pick<EnqueuerPart, 'count' | 'seconds' | 'seed'> = {
        count: TASKS / 2,
        seconds: SECONDS * 0.9,
        seed: SEED + n,
      };
      return start(`enqueuer-${n}`, 'enqueuer', load, take);
    });
    const enqueued = Promise.all(
      enqueuers.map((one) => one.answer((answer): answer is EnqueuerAnswer => 'done' in answer)),
    );
    await Promise.all(enqueuers.map((one) => one.answer((answer) => 'ready' in answer)));

    /** How many of them have begun tasks since they were started, or since their last fault was over. */
    const atWork = async (some: readonly WorkerSlot[]): Promise<number> => {
      const text = `SELECT count(*)::integer AS count FROM unnest($1::text[], $2::float8[]) AS w (worker, since)
        WHERE EXISTS (SELECT FROM effects e WHERE e.worker = w.worker AND e.at > w.since)`;
      try {
        const values = [some.map(({ worker }) => worker), some.map(({ since }) => since)];
        return (await database.query<{ count: number }>({ name: '', text }, values))[0]?.count ?? 0;
      } catch (error) {
        if (!isPassing(error)) throw error;
        return 0;
      }
    };
    /** Those that hold claims just now: a fault that comes upon others proves nothing. None while the database is away. */
    const holders = async (workers: readonly string[]): Promise<ReadonlySet<string>> => {
      const text =
        'SELECT a.agent FROM unnest($2::text[]) AS a (agent) WHERE EXISTS (SELECT FROM sb_tasks_held($1, a.agent))';
      try {
        const rows = await database.query<{ agent: string }>({ name: '', text }, [projectId, workers]);
        return new Set(rows.map(({ agent }) => agent));
      } catch (error) {
        if (!isPassing(error)) throw error;
        return new Set();
      }
    };
    // When the database was away: nothing runs again then.
    const outages: Span[] = [];
    const away = async (fault: () => Promise<void>) => {
      const from = machineTime();
      await fault();
      outages.push({ from, to: machineTime() });
    };
    const faults = { kill: 0, stop: 0, cutOff: 0, crash: 0, restart: 0, halt: 0 };
    const under: Promise<void>[] = [];
    const end = machineTime() + SECONDS * 1_000;
    // A slow machine gets more time until each fault has come.
    const untold = () => machineTime() < end + SECONDS * 1_000 && Object.values(faults).includes(0);
    // The database goes once in several seconds: more often, and nothing but that would be tested.
    const workerFaults = ['kill', 'stop', 'kill', 'cutOff', 'kill'] as const;
    const databaseFaults = ['crash', 'restart', 'halt'] as const;
    let nextOutage = machineTime() + between(2_000, 4_000);
    while (machineTime() < end || untold()) {
      await sleep(between(150, 500));
      if (machineTime() >= nextOutage) {
        const fault = databaseFaults[(faults.crash + faults.restart + faults.halt) % 3] ?? 'crash';
        faults[fault] += 1;
        await away(async () => {
          if (fault === 'crash') await postgres.restart('SIGQUIT');
          else if (fault === 'restart') await postgres.restart('SIGINT');
          else {
            await postgres.halt('SIGQUIT');
            await sleep(between(500, 2_500));
            await postgres.restart();
          }
        });
        // From its end on: where a start takes seconds, the workers would otherwise have no time in between.
        nextOutage = machineTime() + between(5_000, 7_000);
        continue;
      }
      const free = slots.filter((slot) => slot.free);
      const held = await holders(free.map(({ worker }) => worker));
      const able = free.filter(({ worker }) => held.has(worker));
      if ((await atWork(free)) <= LEFT) continue;
      const slot = able[Math.floor(random() * able.length)];
      if (!slot) continue;
      // In turn, so that a short run has each of them.
      const fault = workerFaults[(faults.kill + faults.stop + faults.cutOff) % workerFaults.length] ?? 'kill';
      faults[fault] += 1;
      if (fault === 'kill') under.push(slot.kill());
      else if (fault === 'stop') under.push(slot.stop(LEASE_MS * between(1.2, 2)));
      else under.push(slot.cutOff(LEASE_MS * between(1, 2)));
    }
    await Promise.all(under);
    await enqueued;
    // A try before this one left a project of its own behind.
    const ours = `project_id = '${projectId}'`;
    const another = `EXISTS (SELECT FROM tasks t WHERE t.id = task_id AND t.project_id <> '${projectId}')`;
    const open = `SELECT count(*)::int AS open FROM tasks WHERE ${ours} AND status NOT IN ('completed', 'failed', 'dead', 'cancelled', 'skipped')`;
    await expect.poll(async () => (await sql<{ open: number }>(open))[0]?.open, GRACE).toBe(0);
    // The last acknowledgements are noted after the tasks have ended.
    await sleep(1_000);

    const history = {
      enqueues,
      effects: await sql<Effect>(
        `SELECT kind, at, task_id AS "taskId", token::int, worker FROM effects WHERE NOT ${another}`,
      ),
      tasks: await sql<{ taskId: string; ref: string; status: string }>(
        `SELECT id AS "taskId", payload ->> 'ref' AS ref, status FROM tasks WHERE ${ours}`,
      ),
      attempts: await sql<Attempt>(
        `SELECT task_id AS "taskId", attempt, token::int, agent, outcome, ${machineTimeOf('started_at')} AS "from", ${machineTimeOf('ended_at')} AS "to"
         FROM task_attempts WHERE NOT ${another}`,
      ),
      deaths: slots.flatMap(({ deaths }) => deaths),
    };
    const recovered = recoveries(history);
    const disturbances = { outages, faults: slots.flatMap(({ faults }) => faults), stalls };
    const spared = recovered.map((one) => undisturbed(one, disturbances, RECOVERY_MS));
    const dead = new Set(history.deaths.map(({ worker }) => worker));
    const lost = history.attempts.filter(({ outcome }) => outcome === 'lost');
    const report = {
      seed: SEED,
      faults,
      enqueues: countBy(enqueues, ({ outcome }) => outcome),
      tasks: history.tasks.length,
      attempts: countBy(history.attempts, ({ outcome }) => outcome),
      effects: countBy(history.effects, ({ kind }) => kind),
      lostByTheLiving: lost.filter(({ agent }) => !dead.has(agent)).length,
      machineStoodMs: Math.round(stalls.reduce((sum, { from, to }) => sum + to - from, 0)),
      struckAgain: recovered.flatMap(({ tasks }) => tasks).filter(({ struckAgain }) => struckAgain).length,
      outagesMs: Math.round(outages.reduce((sum, { from, to }) => sum + to - from, 0)),
      runningAgainMs: { undisturbed: summary(spared), all: summary(recovered.map(({ tasks }) => tasks)) },
      lateOnes: lateOnes(recovered, spared, history.attempts),
    };
    console.info(`chaos: ${JSON.stringify(report)}`);
    expect(checkQueue(history)).toEqual([]);
    expect(complaints).toEqual([]);
    expect(report.runningAgainMs.undisturbed.worst).toBeLessThanOrEqual(LATEST_MS);
    // With less than this nothing is proven.
    expect(report.runningAgainMs.undisturbed.kills).toBeGreaterThan(0);
    expect(report.runningAgainMs.undisturbed.tasks).toBeGreaterThanOrEqual(faults.kill);
    expect(history.tasks.length).toBeGreaterThanOrEqual(TASKS);
    expect(report.effects.acknowledged).toBeGreaterThan(TASKS * 0.8);
    for (const count of Object.values(faults)) expect(count).toBeGreaterThan(0);
    expect(report.runningAgainMs.all.kills).toBeGreaterThanOrEqual(Math.max(1, Math.floor(faults.kill / 2)));
    expect(report.lostByTheLiving).toBeGreaterThan(0);
  });
});

/** What the others did while tasks were ready that came too late. */
function lateOnes(
  recovered: readonly { worker: string; at: number }[],
  spared: readonly Taken[][],
  attempts: readonly Attempt[],
) {
  return recovered.flatMap(({ worker, at }, n) => {
    const late = (spared[n] ?? []).filter(({ delay }) => delay > RECOVERY_MS);
    const [one] = late;
    if (!one) return [];
    const meanwhile = attempts.filter(({ from }) => from > at + one.lost && from < at + one.claimed);
    const by = Object.entries(countBy(meanwhile, ({ agent }) => agent)).map(([agent, count]) => `${agent}: ${count}`);
    return [
      { worker, at: Math.round(at), late: late.length, lost: one.lost, claimed: one.claimed, delay: one.delay, by },
    ];
  });
}

/** A time of the database, on the clock of {@link machineTime}. */
function machineTimeOf(column: string): string {
  return `extract(epoch FROM ${column})::float8 * 1000 - ${Date.now() - machineTime()}`;
}

function countBy<T>(list: readonly T[], keyOf: (one: T) => string): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(list, keyOf)].map(([key, some]) => [key, some.length]));
}

/** @param some the tasks of each death */
function summary(some: readonly Taken[][]) {
  const tasks = some.flat().sort((a, b) => a.delay - b.delay);
  const at = (share: number) =>
    Math.round(tasks[Math.min(tasks.length - 1, Math.floor(share * tasks.length))]?.delay ?? 0);
  const late = tasks.filter(({ delay }) => delay > RECOVERY_MS);
  const kills = some.filter(({ length }) => length > 0).length;
  // Where their time went: until they were taken away, claimed and begun.
  const latest = late.slice(-20).map(({ lost, claimed, delay }) => [lost, claimed, delay].map(Math.round).join(' '));
  return { kills, tasks: tasks.length, median: at(0.5), p99: at(0.99), worst: at(1), late: late.length, latest };
}
