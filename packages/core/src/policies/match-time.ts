import { DAYS, type TimeMatch } from './policy.ts';

/** Whether a moment lies in the window, told by the clocks of its time zone. */
export function matchesTime({ days, from, to, timeZone }: TimeMatch, at: Date): boolean {
  const { day, time } = localTime(at, timeZone);
  const pastMidnight = to <= from && time < to;
  const inside = from < to ? from <= time && time < to : time >= from || pastMidnight;
  if (!inside || !days) return inside;
  // What runs past midnight belongs to the day on which it began.
  const began = pastMidnight ? (day + DAYS.length - 1) % DAYS.length : day;
  return days.includes(DAYS[began] as (typeof DAYS)[number]);
}

function localTime(at: Date, timeZone: string): { day: number; time: string } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? '';
  const day = DAYS.map(String).indexOf(part('weekday').toLowerCase());
  return { day, time: `${part('hour')}:${part('minute')}` };
}
