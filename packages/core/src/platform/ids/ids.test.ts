import { expect, test } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { idsFrom, uuidSchema } from './ids.ts';

test('ids of one millisecond rise, and go on rising when the clock is set back', async () => {
  const clock = new (class extends ManualClock {
    behindMs = 0;
    override now(): Date {
      return new Date(super.now().getTime() - this.behindMs);
    }
  })();
  const ids = idsFrom(clock);
  const made = Array.from({ length: 5_000 }, () => ids.uuid());
  await clock.advance(1);
  made.push(ids.uuid());
  clock.behindMs = 60_000;
  made.push(ids.uuid(), ids.uuid());
  expect(made).toEqual([...made].sort());
  expect(new Set(made).size).toBe(made.length);
  expect(made.every((id) => uuidSchema.parse(id) === id && id[14] === '7')).toBe(true);
});

test('secrets are of the length asked for, and no two are alike', () => {
  const ids = idsFrom(new ManualClock());
  expect(Buffer.from(ids.secret(32), 'base64url').length).toBe(32);
  expect(ids.secret(32)).not.toBe(ids.secret(32));
});

test('the random part of an id is drawn anew for each, also beyond what is fetched at once', () => {
  const ids = idsFrom(new ManualClock());
  const tails = Array.from({ length: 2_000 }, () => ids.uuid().slice(-10));
  expect(new Set(tails).size).toBe(tails.length);
});
