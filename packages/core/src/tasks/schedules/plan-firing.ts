import { nextTime, type ScheduleTimes } from './schedule-times.ts';

/** A time that came longer ago than this was missed: no scheduler ran. In milliseconds. */
export const ON_TIME_MS = 30_000;

export interface FiringPlan {
  /** Times to fire, the earliest first. */
  fire: Date[];
  /** The first time that was missed and is left out. */
  missed: Date | null;
  /** When to look again; null for never. */
  next: Date | null;
}

/**
 * What a schedule that was due at `due` does at `now`: it fires every time of the last half minute (several, where it comes by
 * the second); older times were missed and are left out, or made up for once, unless a later time fires anyway.
 */
export function planFiring(times: ScheduleTimes & { catchUp: 'skip' | 'once' }, due: Date, now: Date): FiringPlan {
  const since = new Date(now.getTime() - ON_TIME_MS);
  const isMissed = due < since;
  const fire: Date[] = [];
  let next = isMissed ? nextTime(times, new Date(since.getTime() - 1)) : due;
  while (next && next <= now) {
    fire.push(next);
    next = nextTime(times, next);
  }
  if (isMissed && times.catchUp === 'once' && fire.length === 0) return { fire: [due], missed: null, next };
  return { fire, missed: isMissed && fire.length === 0 ? due : null, next };
}
