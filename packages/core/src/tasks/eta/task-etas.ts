import type { Database } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { getQueue } from '../queue-settings-store.ts';
import type { Task } from '../task.ts';
import { getTask } from '../task-store.ts';
import { type Duration, durationOf, type KindMeasure, type Moments, remaining, workOfTask } from './duration.ts';
import type { Eta, EtaAccuracy, NoEtaReason, TaskEta } from './eta.ts';
import { keepPrediction, readAccuracy, readAhead, readLive, readMeasures, readPace } from './eta-store.ts';
import { foretellStart } from './foretell.ts';

/** Durations are those of the last hour, or of the last day for a type that was not at work within the hour. */
const RECENT_SECONDS = 3_600;
const LONG_SECONDS = 86_400;

/** When tasks will be done, and how good such answers were. */
export class TaskEtas {
  readonly #database: Database;

  constructor(parts: { database: Database }) {
    this.#database = parts.database;
  }

  /**
   * When a task will start and end, with one standard deviation; null with the reason where nothing was measured. What is
   * first said of a task that has not begun is kept, to be compared with what happens.
   * @throws TASK_NOT_FOUND
   */
  async eta(projectId: string, taskId: string): Promise<TaskEta> {
    const task = await getTask(this.#database, projectId, taskId);
    if (!task) throw new SignalboxError('TASK_NOT_FOUND', { id: taskId });
    const answer = await this.#estimate(task);
    const eta = typeof answer === 'string' ? null : answer;
    if (eta && task.status === 'queued' && task.attempt === 0) await keepPrediction(this.#database, task, eta);
    const [accuracy = null] = await readAccuracy(this.#database, projectId, task.type);
    return { taskId, status: task.status, eta, reason: typeof answer === 'string' ? answer : null, accuracy };
  }

  /** How good they were, by type. */
  accuracy(projectId: string): Promise<EtaAccuracy[]> {
    return readAccuracy(this.#database, projectId, null);
  }

  async #estimate(task: Task): Promise<Eta | NoEtaReason> {
    const { projectId, status, type } = task;
    if (task.finishedAt !== null) return 'over';
    if (status === 'waiting' || status === 'held') return 'waiting';
    const recent = await readMeasures(this.#database, projectId, RECENT_SECONDS, null);
    let windowSeconds = RECENT_SECONDS;
    let own = durationOf(recent.get(type) ?? []);
    if (!own) {
      windowSeconds = LONG_SECONDS;
      own = durationOf((await readMeasures(this.#database, projectId, LONG_SECONDS, type)).get(type) ?? []);
    }
    if (!own) return 'not_measured';
    const measured = { own, windowSeconds, of: durationsOf(recent, own) };
    return status === 'queued' ? this.#ofQueued(task, measured) : this.#ofBegun(task, measured);
  }

  async #ofQueued(task: Task, { own, windowSeconds, of }: Measured): Promise<Eta | NoEtaReason> {
    const { projectId, queue: name, concurrencyKey } = task;
    const queue = await getQueue(this.#database, projectId, name);
    if (queue.paused) return 'paused';
    const pace = await readPace(this.#database, projectId, name);
    const live = await readLive(this.#database, projectId, name);
    const untilDueMs = Math.max(0, Date.parse(task.runAt) - pace.now.getTime());
    if (live.length === 0 && pace.claims === 0 && untilDueMs === 0) return 'not_worked_on';

    const ahead = await readAhead(this.#database, task);
    const parallelism = Math.max(1, Math.round(live.length > 0 ? live.length : pace.busy));
    const atWork = live.map((one) => ({ ...one, duration: of(one.type).duration }));
    const { maxConcurrentPerKey: keyLimit, maxConcurrent } = queue;
    const { start, boundBy } = foretellStart(
      {
        ahead: ahead.byType.map(({ type, count }) => ({ count, duration: of(type).duration })),
        live: atWork,
        parallelism,
        untilDueMs,
        key:
          keyLimit === null || concurrencyKey === null
            ? null
            : {
                aheadCount: ahead.sameKey,
                live: atWork.filter((one) => one.concurrencyKey === concurrencyKey),
                limit: keyLimit,
              },
        rate: pace.rate,
        maxConcurrent,
      },
      own,
    );
    const work = workOfTask(own);
    return toEta(pace.now, {
      start,
      finish: {
        mean: start.mean + work.mean,
        variance: start.variance + work.variance * (1 + 1 / own.samples),
      },
      ahead: ahead.total,
      samples: own.samples,
      basis: {
        windowSeconds,
        meanMs: own.mean,
        attemptsPerTask: own.attempts,
        parallelism: maxConcurrent === null ? parallelism : Math.min(parallelism, maxConcurrent),
        unmeasuredAhead: ahead.byType.reduce((sum, { type, count }) => sum + (of(type).measured ? 0 : count), 0),
        boundBy,
      },
    });
  }

  async #ofBegun(task: Task, { own, windowSeconds }: Measured): Promise<Eta> {
    const { now } = await readPace(this.#database, task.projectId, task.queue);
    const elapsed = now.getTime() - Date.parse(task.claimedAt ?? now.toISOString());
    const left = remaining(own, elapsed);
    const again = workOfTask(own);
    return toEta(now, {
      start: { mean: -elapsed, variance: 0 },
      // This attempt, and those that follow on average.
      finish: { mean: left.mean + again.mean - own.mean, variance: left.variance + again.variance - own.variance },
      ahead: { count: 0, exact: true },
      samples: own.samples,
      basis: {
        windowSeconds,
        meanMs: own.mean,
        attemptsPerTask: own.attempts,
        parallelism: 1,
        unmeasuredAhead: 0,
        boundBy: 'begun',
      },
    });
  }
}

interface Measured {
  own: Duration;
  windowSeconds: number;
  /** What is known of a type; the mean of all where it was not measured itself. */
  of: (type: string) => { duration: Duration; measured: boolean };
}

function durationsOf(measures: ReadonlyMap<string, KindMeasure[]>, own: Duration): Measured['of'] {
  const all = durationOf([...measures.values()].flat()) ?? own;
  const known = new Map([...measures].map(([type, found]) => [type, durationOf(found)]));
  return (type) => {
    const duration = known.get(type);
    return duration ? { duration, measured: true } : { duration: all, measured: false };
  };
}

function toEta(
  now: Date,
  { start, finish, ...rest }: { start: Moments; finish: Moments } & Pick<Eta, 'ahead' | 'samples' | 'basis'>,
): Eta {
  const at = ({ mean }: Moments) => new Date(now.getTime() + mean).toISOString();
  return {
    startsAt: at(start),
    finishesAt: at(finish),
    errorSeconds: Math.sqrt(finish.variance) / 1000,
    startErrorSeconds: Math.sqrt(start.variance) / 1000,
    ...rest,
  };
}
