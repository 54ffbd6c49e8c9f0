import { Cron } from 'croner';
import { SignalboxError } from '../../platform/errors/index.ts';

/** Times named by a cron expression in a time zone. */
export interface ScheduleTimes {
  cron: string;
  timezone: string;
}

/**
 * Checks an expression and its time zone. @throws SCHEDULE_TIMEZONE_UNKNOWN, SCHEDULE_CRON_INVALID, also for one that names
 * no time after `now`.
 */
export function checkTimes(times: ScheduleTimes, now: Date): void {
  const { cron, timezone } = times;
  if (!isTimezone(timezone)) throw new SignalboxError('SCHEDULE_TIMEZONE_UNKNOWN', { timezone });
  let next: Date | null;
  try {
    next = nextTime(times, now);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    throw new SignalboxError('SCHEDULE_CRON_INVALID', { cron, reason }, { cause: error });
  }
  if (!next) throw new SignalboxError('SCHEDULE_CRON_INVALID', { cron, reason: 'there is no such time to come' });
}

/**
 * The first time after `after`, or null when there is none. Where clocks are put forward, a time of day that does not exist
 * is moved to when the hour has passed; where they are put back, a time of day that comes twice counts the first time. An
 * expression with wildcards or steps in its hours or minutes goes by the hours that really pass.
 */
export function nextTime({ cron, timezone }: ScheduleTimes, after: Date): Date | null {
  // A date is an expression to the library too; it would be a schedule that fires once.
  if (!/^(@[a-z]+|\S+(\s+\S+){4,5})$/i.test(cron)) throw new Error('it must have five fields, or six with seconds');
  const pattern = new Cron(cron, { timezone, paused: true, mode: '5-or-6-parts', fixedTimeRule: 'no-wildcard' });
  return pattern.nextRun(after);
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
