const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits between attempts, in milliseconds, as the Standard Webhooks scheme proposes them: a little more than three days in all. */
const WAITS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** A random part of up to a fifth is added, so that what failed together does not come back together. */
const JITTER = 0.2;

/**
 * Milliseconds until the next attempt after `attempts` have failed; null when it is not tried any more.
 * @param random a number in [0, 1).
 */
export function retryWaitMs(attempts: number, random: number): number | null {
  const wait = WAITS[attempts - 1];
  return wait === undefined ? null : Math.round(wait * (1 + random * JITTER));
}
