import { type Claim, TaskQueue, TaskWorker, type WorkEnding, type WorkerSettings } from '@signalbox/core';
import { tell } from '../../processes/tell.ts';
import { EffectLog } from './effect-log.ts';
import { openCore, type PartSettings, readSettings } from './part.ts';

// A process that works on tasks until it is killed, and notes its effects: the beginning of each attempt, and each completion that it was told of.

export interface WorkerPart extends PartSettings {
  worker: Omit<WorkerSettings, 'agent'>;
}

/** What the payload of a task asks of its handler. */
export interface Work {
  ref: string;
  ms: number;
  /** Reports that it begins, and how far it is. */
  reports: boolean;
  /** The first attempt throws. */
  fails: boolean;
}

const settings = readSettings<WorkerPart>();
const core = openCore(settings);
const effects = new EffectLog(core, settings.name);

class NotingQueue extends TaskQueue {
  override async endMany(endings: readonly WorkEnding[]): ReturnType<TaskQueue['endMany']> {
    const outcomes = await super.endMany(endings);
    endings.forEach(({ claim, failure }, index) => {
      const outcome = outcomes[index];
      // Nobody waits for it: a worker that hears of a completion is done with it.
      if (!failure && outcome && 'value' in outcome) void effects.note('acknowledged', claim);
    });
    return outcomes;
  }
}

const { database, ids, clock, bus, logger } = core;
const tasks = new NotingQueue({ database, ids, clock, bus });

async function work(claim: Claim, { signal }: { signal: AbortSignal }): Promise<unknown> {
  await effects.note('begun', claim);
  const { ref, ms, reports, fails } = claim.payload as unknown as Work;
  if (reports) {
    await tasks.begin(claim);
    await tasks.progress(claim, { percent: 50 });
  }
  if (ms > 0) await clock.sleep(ms, signal);
  if (fails && claim.failures === 0) throw new Error('the first attempt fails');
  return { ref };
}

core.start();
const parts = { tasks, clock, logger };
new TaskWorker(parts, settings.projectId, { work }, { agent: settings.name, ...settings.worker }).start();
// Its timers keep no process alive.
setInterval(() => undefined, 60_000);
tell({ ready: true });
