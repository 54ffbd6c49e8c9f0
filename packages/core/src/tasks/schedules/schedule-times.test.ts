import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ON_TIME_MS, planFiring } from './plan-firing.ts';
import { checkTimes, nextTime } from './schedule-times.ts';

const BERLIN = 'Europe/Berlin';

/** The first times after a moment, as local clocks show them and in UTC. */
function times(cron: string, after: string, count: number, timezone = BERLIN): string[] {
  const found: string[] = [];
  for (let at: Date | null = new Date(after); found.length < count; ) {
    at = nextTime({ cron, timezone }, at);
    if (!at) break;
    found.push(at.toISOString().slice(5, 16));
  }
  return found;
}

describe('times of a schedule', () => {
  test('an hour that is skipped: a time of day in it comes once, when the hour has passed', () => {
    // 2026-03-29, 02:00 becomes 03:00 (01:00 UTC).
    expect(times('30 2 * * *', '2026-03-28T12:00:00Z', 2)).toEqual(['03-29T01:00', '03-30T00:30']);
    expect(times('0,30 2 * * *', '2026-03-28T12:00:00Z', 2)).toEqual(['03-29T01:00', '03-30T00:00']);
    expect(times('*/30 * * * *', '2026-03-29T00:29:00Z', 3)).toEqual(['03-29T00:30', '03-29T01:00', '03-29T01:30']);
  });

  test('an hour that comes twice: a time of day in it comes once, what goes by the hour comes each time', () => {
    // 2026-10-25, 03:00 becomes 02:00 (01:00 UTC).
    expect(times('30 2 * * *', '2026-10-24T12:00:00Z', 2)).toEqual(['10-25T00:30', '10-26T01:30']);
    expect(times('0,30 2 * * *', '2026-10-24T12:00:00Z', 3)).toEqual(['10-25T00:00', '10-25T00:30', '10-26T01:00']);
    expect(times('0 * * * *', '2026-10-24T23:30:00Z', 3)).toEqual(['10-25T00:00', '10-25T01:00', '10-25T02:00']);
  });

  test.each([
    ['61 * * * *', /minute/],
    ['* * * *', /five fields/],
    ['* * * * * * *', /five fields/],
    ['every day', /five fields/],
    ['2030-01-01T00:00:00', /five fields/],
    ['0 0 30 2 *', /no such time to come/],
    ['@sometimes', /./],
  ])('the expression %j is refused with what is wrong', (cron, reason) => {
    expect(() => checkTimes({ cron, timezone: 'UTC' }, new Date())).toThrow(
      expect.objectContaining({
        code: 'SCHEDULE_CRON_INVALID',
        details: { cron, reason: expect.stringMatching(reason) },
      }),
    );
  });

  test('an unknown time zone is refused by its name', () => {
    expect(() => checkTimes({ cron: '@daily', timezone: 'Mars/Olympus' }, new Date())).toThrow(
      expect.objectContaining({ code: 'SCHEDULE_TIMEZONE_UNKNOWN', message: expect.stringContaining('Mars/Olympus') }),
    );
  });
});

describe('what fires', () => {
  const cron = fc.constantFrom(
    '* * * * * *',
    '*/7 * * * * *',
    '* * * * *',
    '15,45 * * * *',
    '30 2 * * *',
    '0 */3 * * *',
  );
  const start = fc
    .date({ min: new Date('2026-03-27T00:00:00Z'), max: new Date('2026-11-01T00:00:00Z'), noInvalidDate: true })
    .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));

  test('every time fires exactly once and in order, however late each round is within half a minute', () => {
    const waits = fc.array(fc.integer({ min: 1, max: ON_TIME_MS }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(cron, start, waits, fc.constantFrom('skip', 'once'), (expression, from, delays, catchUp) => {
        const schedule = { cron: expression, timezone: BERLIN, catchUp } as const;
        const fired: number[] = [];
        let due = nextTime(schedule, from);
        let now = from.getTime();
        for (const delay of delays) {
          now += delay;
          if (!due || due.getTime() > now) continue;
          const plan = planFiring(schedule, due, new Date(now));
          expect(plan.missed).toBeNull();
          fired.push(...plan.fire.map((at) => at.getTime()));
          due = plan.next;
        }
        const expected: number[] = [];
        for (let at = nextTime(schedule, from); at && at.getTime() <= now; at = nextTime(schedule, at)) {
          expected.push(at.getTime());
        }
        expect(fired).toEqual(expected);
      }),
    );
  });

  test('after a long absence missed times are left out, or made up for by one run, and it goes on in the future', () => {
    const away = fc.integer({ min: ON_TIME_MS + 1, max: 40 * 86_400_000 });
    fc.assert(
      fc.property(cron, start, away, fc.constantFrom('skip', 'once'), (expression, from, ms, catchUp) => {
        const schedule = { cron: expression, timezone: BERLIN, catchUp } as const;
        const due = nextTime(schedule, from) as Date;
        const now = new Date(due.getTime() + ms);
        const { fire, missed, next } = planFiring(schedule, due, now);
        const late = fire.filter((at) => now.getTime() - at.getTime() > ON_TIME_MS);
        expect(late).toEqual(
          catchUp === 'once' && fire.length === 1 && fire[0]?.getTime() === due.getTime() ? [due] : [],
        );
        expect(fire.length > 0 || catchUp === 'skip').toBe(true);
        expect(missed).toEqual(fire.length === 0 ? due : null);
        expect((next as Date).getTime()).toBeGreaterThan(now.getTime());
      }),
    );
  });
});
