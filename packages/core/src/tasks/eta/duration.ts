import type { ActivityKind } from '../activity.ts';
import { OVER_KINDS, WORKED_KINDS } from '../activity.ts';

/** Mean and variance of something in milliseconds. */
export interface Moments {
  mean: number;
  variance: number;
}

/** What was measured of attempts. */
export interface Duration extends Moments {
  /** Attempts, two at the least. */
  samples: number;
  /** For each task that ended. */
  attempts: number;
}

/** What was counted of one kind; sums of milliseconds and of their squares. */
export interface KindMeasure {
  kind: ActivityKind;
  count: number;
  ms: number;
  ms2: number;
}

/** The duration that measurements show; null for fewer than two, which say nothing of a variance. */
export function durationOf(measures: readonly KindMeasure[]): Duration | null {
  const worked = measures.filter(({ kind }) => (WORKED_KINDS as readonly string[]).includes(kind));
  const over = measures.filter(({ kind }) => (OVER_KINDS as readonly string[]).includes(kind));
  const samples = sum(worked, 'count');
  if (samples < 2) return null;
  const mean = sum(worked, 'ms') / samples;
  // Rounding may leave a little below nothing where all took alike.
  const variance = Math.max(0, (sum(worked, 'ms2') - samples * mean * mean) / (samples - 1));
  return { samples, mean, variance, attempts: samples / Math.max(1, sum(over, 'count')) };
}

/** How long a task occupies an agent in all its attempts: a sum over a geometrically distributed number of them. */
export function workOfTask({ mean, variance, attempts }: Duration): Moments {
  return { mean: attempts * mean, variance: attempts * variance + attempts * (attempts - 1) * mean * mean };
}

/** Steps of the integration below, and standard deviations it goes beyond the bulk. */
const STEPS = 400;
const REACH = 10;

/**
 * What is left of something that has taken `elapsed` milliseconds already, taken as log-normally distributed: what took
 * longer than usual is, if it varies much, likely to take longer still. Integrated over the normal deviate, relative to
 * the density at its start, so that it holds far out in the tail.
 */
export function remaining({ mean, variance }: Moments, elapsed: number): Moments {
  if (mean <= 0) return { mean: 0, variance: 0 };
  const spread2 = Math.log1p(variance / (mean * mean));
  if (spread2 < 1e-9) return { mean: Math.max(0, mean - elapsed), variance: 0 };
  const spread = Math.sqrt(spread2);
  const centre = Math.log(mean) - spread2 / 2;
  const from = elapsed <= 0 ? -REACH : Math.max(-REACH, (Math.log(elapsed) - centre) / spread);
  const step = (Math.max(2 * spread, from) + REACH - from) / STEPS;
  let mass = 0;
  let first = 0;
  let second = 0;
  for (let n = 0; n <= STEPS; n += 1) {
    const z = from + n * step;
    const simpson = n === 0 || n === STEPS ? 1 : n % 2 === 1 ? 4 : 2;
    const weight = simpson * Math.exp((from * from - z * z) / 2);
    const left = Math.exp(centre + spread * z) - Math.max(0, elapsed);
    mass += weight;
    first += weight * left;
    second += weight * left * left;
  }
  const left = Math.max(0, first / mass);
  return { mean: left, variance: Math.max(0, second / mass - left * left) };
}

function sum(measures: readonly KindMeasure[], field: 'count' | 'ms' | 'ms2'): number {
  return measures.reduce((total, measure) => total + measure[field], 0);
}
