import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CpuThrottle } from './cpu-throttle.ts';

test('a busy tree that rests when told uses the limit on average, whatever the ticks', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 8, noNaN: true }),
      fc.integer({ min: 1, max: 16 }),
      fc.array(fc.double({ min: 0.05, max: 0.3, noNaN: true }), { minLength: 400, maxLength: 600 }),
      (cores, busy, ticks) => {
        const throttle = new CpuThrottle(cores);
        let elapsed = 0;
        let used = 0;
        for (const tick of ticks) {
          const burnt = throttle.resting ? 0 : busy * tick;
          throttle.account(tick, burnt);
          elapsed += tick;
          used += burnt;
        }
        // Never more than was credited, but for the one tick that overdraws; and no less than it could have had.
        expect(used).toBeLessThanOrEqual(cores * elapsed + busy * 0.3);
        expect(used).toBeGreaterThanOrEqual(Math.min(cores, busy) * elapsed * 0.9 - (busy + cores) * 0.6);
      },
    ),
  );
});

test('a tree below its limit never rests', () => {
  const throttle = new CpuThrottle(1.5);
  for (let tick = 0; tick < 1_000; tick++) expect(throttle.account(0.1, 0.149)).toBe(false);
});

test('a tree that was idle for long may burst only briefly', () => {
  const throttle = new CpuThrottle(1);
  throttle.account(3_600, 0);
  let free = 0;
  while (!throttle.account(0.1, 0.4)) free++;
  expect(free).toBeLessThan(5);
});
