import type { Agent } from '@signalbox/client';
import { formatDuration, NOTHING } from '../ui/format.ts';

type Ended = Pick<Agent, 'totalTasksCompleted' | 'totalTasksFailed' | 'errorRate' | 'averageTaskDuration'>;

/** Share of its attempts that failed; nothing is known of an agent whose attempts have not ended. */
export function errorRateText({ totalTasksCompleted, totalTasksFailed, errorRate }: Ended): string {
  if (totalTasksCompleted + totalTasksFailed === 0) return NOTHING;
  const percent = errorRate * 100;
  return `${percent > 0 && percent < 1 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** Mean time from claim to completion. */
export function meanDurationText({ averageTaskDuration }: Ended): string {
  return formatDuration(averageTaskDuration === null ? null : averageTaskDuration / 1000);
}

/** `node 24.1.0`; without a version only the name. */
export function capabilityText({ name, version }: Agent['capabilities'][number]): string {
  return version === null ? name : `${name} ${version}`;
}
