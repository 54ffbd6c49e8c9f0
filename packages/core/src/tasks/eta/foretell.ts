import { type Duration, type Moments, remaining, workOfTask } from './duration.ts';
import type { EtaBound } from './eta.ts';

/** What a queue looks like from a task that is ready or will be. */
export interface QueueAhead {
  /** Tasks that are claimed before it, by what is known of their duration. */
  ahead: readonly { count: number; duration: Duration }[];
  /** Tasks that are worked on just now. */
  live: readonly { elapsedMs: number; duration: Duration }[];
  /** How many are worked on at the same time where there is enough to do; at least one. */
  parallelism: number;
  /** Milliseconds until its own time has come; 0 when it has. */
  untilDueMs: number;
  /** The tasks of its concurrency key, where the queue limits these. */
  key: { aheadCount: number; live: readonly { elapsedMs: number; duration: Duration }[]; limit: number } | null;
  /** The bucket of a rate limit: tokens in it, and milliseconds for a further one. */
  rate: { tokens: number; msPerToken: number } | null;
  /** Most that may be worked on at the same time, where the queue limits it. */
  maxConcurrent: number | null;
}

export interface Foretold {
  /** Milliseconds from now. */
  start: Moments;
  boundBy: EtaBound;
}

/** When a task starts: the latest of what holds it up. */
export function foretellStart(queue: QueueAhead, own: Duration): Foretold {
  const { maxConcurrent, parallelism, key, rate, untilDueMs } = queue;
  const limited = maxConcurrent !== null && maxConcurrent <= parallelism;
  const places = Math.max(1, limited ? maxConcurrent : parallelism);
  const aheadCount = queue.ahead.reduce((count, one) => count + one.count, 0);
  const candidates: Foretold[] = [
    { start: firstFree(queue.ahead, queue.live, places), boundBy: limited ? 'concurrency' : 'agents' },
    { start: { mean: untilDueMs, variance: 0 }, boundBy: 'its_time' },
  ];
  if (key) {
    const before = [{ count: key.aheadCount, duration: own }];
    candidates.push({ start: firstFree(before, key.live, key.limit), boundBy: 'concurrency_key' });
  }
  if (rate) {
    const missing = Math.max(0, aheadCount + 1 - rate.tokens);
    candidates.push({ start: { mean: missing * rate.msPerToken, variance: 0 }, boundBy: 'rate' });
  }
  return candidates.reduce((latest, one) => (one.start.mean > latest.start.mean ? one : latest));
}

/**
 * When one of `places` is free for a task that comes after all that is ahead. The places become free as the tasks on them
 * end; the work ahead then fills them up to one level, around which their ends lie spread by the length of a task. The
 * first of them to be free is half such a spread before the level.
 */
function firstFree(ahead: QueueAhead['ahead'], live: QueueAhead['live'], places: number): Moments {
  const left = live.map(({ elapsedMs, duration }) => remaining(duration, elapsedMs)).sort((a, b) => a.mean - b.mean);
  // With more at work than there are places (a limit was lowered), the first to end leave no place behind.
  const busy = left.slice(Math.max(0, left.length - places));
  const free = [...Array.from({ length: places - busy.length }, () => 0), ...busy.map(({ mean }) => mean)];
  const soonest = free[0] ?? 0;
  const count = ahead.reduce((total, one) => total + one.count, 0);
  if (count === 0) return { mean: soonest, variance: soonest === 0 ? 0 : (busy[0]?.variance ?? 0) };

  let work = 0;
  let variance = busy.reduce((total, one) => total + one.variance, 0);
  for (const one of ahead) {
    const each = workOfTask(one.duration);
    work += one.count * each.mean;
    // Chance of each task, and of not knowing their mean exactly.
    variance += one.count * each.variance + (one.count ** 2 * each.variance) / one.duration.samples;
  }
  const spread = (work / count) * (1 - 1 / places);
  const mean = Math.max(soonest, levelOf(free, work) - spread / 2);
  return { mean, variance: variance / places ** 2 + spread ** 2 / 12 };
}

/** The level to which work fills places that become free at these times, the soonest first. */
function levelOf(free: readonly number[], work: number): number {
  let filled = 0;
  for (const [index, level] of free.entries()) {
    const next = free[index + 1];
    filled += level;
    const reached = (work + filled) / (index + 1);
    if (next === undefined || reached <= next) return reached;
  }
  return work;
}
