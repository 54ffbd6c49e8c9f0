import { formatCount } from './format.ts';

/** How many there are; where not exact, at least so many. */
export interface BoundedCount {
  count: number;
  exact: boolean;
}

export function formatBounded({ count, exact }: BoundedCount): string {
  return exact ? formatCount(count) : `at least ${formatCount(count)}`;
}

export function sumOf(...counts: readonly BoundedCount[]): BoundedCount {
  return {
    count: counts.reduce((sum, { count }) => sum + count, 0),
    exact: counts.every(({ exact }) => exact),
  };
}
