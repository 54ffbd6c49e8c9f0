const BASE_SECONDS = 1;
const CAP_SECONDS = 300;

/**
 * Seconds to wait before attempt n + 1: doubles from 1 s to at most 5 min, then a random part of up to half is taken
 * off, so that what failed together does not come back together.
 * @param random a number in [0, 1).
 */
export function retryDelaySeconds(attempt: number, random: number): number {
  const full = Math.min(CAP_SECONDS, BASE_SECONDS * 2 ** (attempt - 1));
  return full * (1 - random / 2);
}
