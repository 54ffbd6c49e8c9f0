import type { LockObserver } from '@signalbox/core';
import { Counter, Histogram, type Registry } from 'prom-client';

/** Seconds; from a lock that was free to one that was waited for long. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1800];

/** Counts what locks do on this node (ORC-192). */
export function lockMetrics(registry: Registry): LockObserver {
  const registers = [registry];
  const outcomes = new Counter({
    name: 'signalbox_lock_requests_total',
    help: 'Requests for locks by what came of them: acquired, refused, timed_out, deadlock.',
    labelNames: ['outcome'],
    registers,
  });
  const lost = new Counter({
    name: 'signalbox_locks_lost_total',
    help: 'Locks that expired under their holder; each is counted on one node.',
    registers,
  });
  const renewals = new Counter({
    name: 'signalbox_lock_renewals_total',
    help: 'Renewals of locks, and those that failed.',
    labelNames: ['outcome'],
    registers,
  });
  const waits = new Histogram({
    name: 'signalbox_lock_wait_seconds',
    help: 'How long locks were waited for that were got.',
    buckets: BUCKETS,
    registers,
  });
  const holds = new Histogram({
    name: 'signalbox_lock_hold_seconds',
    help: 'How long locks were held, lost ones included.',
    buckets: BUCKETS,
    registers,
  });
  return {
    acquired: (waitedMs) => {
      outcomes.inc({ outcome: 'acquired' });
      waits.observe(waitedMs / 1_000);
    },
    refused: () => outcomes.inc({ outcome: 'refused' }),
    timedOut: () => outcomes.inc({ outcome: 'timed_out' }),
    deadlock: () => outcomes.inc({ outcome: 'deadlock' }),
    lost: () => lost.inc(),
    renewed: () => renewals.inc({ outcome: 'done' }),
    renewalFailed: () => renewals.inc({ outcome: 'failed' }),
    held: (ms) => holds.observe(ms / 1_000),
  };
}
