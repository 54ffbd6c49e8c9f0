import type { UpdateQueue } from '@signalbox/client';
import type { QueueLimits } from './queue-state.ts';

/** The limits as they are typed; empty means none. */
export interface LimitsForm {
  maxConcurrent: string;
  maxConcurrentPerKey: string;
  rateLimit: string;
  rateSeconds: string;
}

export function limitsFormOf({ maxConcurrent, maxConcurrentPerKey, rate }: QueueLimits): LimitsForm {
  return {
    maxConcurrent: maxConcurrent?.toString() ?? '',
    maxConcurrentPerKey: maxConcurrentPerKey?.toString() ?? '',
    rateLimit: rate?.limit.toString() ?? '',
    rateSeconds: rate?.seconds.toString() ?? '',
  };
}

/** What is sent: all three limits, null for one that is empty. A rate without its time counts in seconds of one. */
export function limitsOf(form: LimitsForm): UpdateQueue {
  const limit = numberOf(form.rateLimit);
  return {
    maxConcurrent: numberOf(form.maxConcurrent),
    maxConcurrentPerKey: numberOf(form.maxConcurrentPerKey),
    rate: limit === null ? null : { limit, seconds: numberOf(form.rateSeconds) ?? 1 },
  };
}

function numberOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
