import type { Queue } from '@signalbox/client';
import { NOTHING } from '../ui/format.ts';

/** `12.4/s`, and by the minute below one a second; nothing done at all is `0`. */
export function formatThroughput({
  completed,
  throughput,
}: Pick<Queue['activity'], 'completed' | 'throughput'>): string {
  if (completed === 0) return '0';
  if (throughput < 1) return `${(throughput * 60).toFixed(1)}/min`;
  return `${throughput < 100 ? throughput.toFixed(1) : Math.round(throughput).toLocaleString('en')}/s`;
}

/** A share of the attempts that ended; an en dash where none did. */
export function formatShare(share: number | null): string {
  if (share === null) return NOTHING;
  if (share > 0 && share < 0.01) return '< 1 %';
  return `${Math.round(share * 100)} %`;
}
