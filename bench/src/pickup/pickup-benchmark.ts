import { PgDatabase, systemClock, TaskWorker } from '@signalbox/core';
import { startServerPostgres } from '@signalbox/core/testing';
import type { Benchmark } from '../benchmark.ts';
import { countOptions } from '../count-options.ts';
import { type OpenedCore, openCore } from '../opened-core.ts';
import { median } from '../side-by-side.ts';
import { startEnqueuer } from './enqueuer.ts';

const DEFAULTS = { tasks: 300 };
const LIMIT_MS = 10;
/** Long enough that the worker has asked again and waits. */
const QUIET_MS = 15;

/** Puts a task into the queue; answers when that was done, by the monotonic clock that all processes of a machine share, in nanoseconds. */
type Enqueue = (n: number) => Promise<bigint>;

/** How long a task lies in an idle queue before its handler starts, where a worker waits for it. */
export const pickupBenchmark: Benchmark = {
  about: `from a task's enqueue to its handler's start on an idle queue, in one process and in two, against a limit of ${LIMIT_MS} ms`,
  run: async (args) => {
    const { tasks } = countOptions(args, DEFAULTS);
    const server = await startServerPostgres({ durable: true });
    const { connectionString } = server;
    let opened: OpenedCore | null = null;
    let enqueuer: Awaited<ReturnType<typeof startEnqueuer>> | null = null;
    try {
      opened = await openCore(new PgDatabase({ kind: 'server', pool: { connectionString } }));
      const { core, projectId } = opened;
      enqueuer = await startEnqueuer({ connectionString, projectId });
      const { enqueue } = enqueuer;
      const here = await pickups(opened, tasks, async (n) => {
        await core.tasks.enqueue(projectId, { type: 'noop', payload: { n } });
        return process.hrtime.bigint();
      });
      const elsewhere = await pickups(opened, tasks, enqueue);
      console.log(line('pickup, ms', ['median', 'p99', 'fastest', 'slowest']));
      console.log(line('one process', summary(here)));
      console.log(line('two processes', summary(elsewhere)));
      return {
        limitVsPickupInOneProcess: LIMIT_MS / median(here),
        limitVsPickupAcrossProcesses: LIMIT_MS / median(elsewhere),
      };
    } finally {
      await enqueuer?.stop();
      await opened?.close();
      await server.stop();
    }
  },
};

/** Milliseconds of each; some that warm up are not among them. */
async function pickups({ core, projectId }: OpenedCore, count: number, enqueue: Enqueue): Promise<number[]> {
  const warmUp = Math.ceil(count / 10);
  const starts: PromiseWithResolvers<bigint>[] = [];
  const worker = new TaskWorker(
    core,
    projectId,
    { noop: ({ payload }) => starts[Number(payload.n)]?.resolve(process.hrtime.bigint()) },
    { agent: 'bench' },
  );
  worker.start();
  try {
    const times: number[] = [];
    for (let n = 0; n < warmUp + count; n++) {
      const started = Promise.withResolvers<bigint>();
      starts[n] = started;
      await systemClock.sleep(QUIET_MS);
      const enqueued = await enqueue(n);
      const time = Number((await started.promise) - enqueued) / 1e6;
      if (n >= warmUp) times.push(time);
    }
    return times;
  } finally {
    await worker.stop();
  }
}

function summary(times: readonly number[]): string[] {
  const sorted = times.toSorted((a, b) => a - b);
  const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
  return [median(sorted), p99, Math.min(...sorted), Math.max(...sorted)].map((ms) => ms.toFixed(1));
}

function line(name: string, cells: readonly string[]): string {
  return `  ${name.padEnd(16)}${cells.map((cell) => cell.padStart(10)).join('')}`;
}
