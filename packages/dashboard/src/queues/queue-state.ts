import type { Queue } from '@signalbox/client';
import { IconDoorExit, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import type { Look } from '../ui/status.ts';

export type QueueVerb = 'pause' | 'resume' | 'drain' | 'open';

/** The signs of what is closed about a queue; one that is open both ways has a single one. */
export function queueLooks({ paused, draining }: Pick<Queue, 'paused' | 'draining'>): Look[] {
  const looks: Look[] = [];
  if (paused) looks.push({ label: 'Paused', tone: 'caution', icon: IconPlayerPause });
  if (draining) looks.push({ label: 'Draining', tone: 'late', icon: IconDoorExit });
  return looks.length > 0 ? looks : [{ label: 'Open', tone: 'done', icon: IconPlayerPlay }];
}

/** The verbs that change something about it. */
export function queueVerbs({ paused, draining }: Pick<Queue, 'paused' | 'draining'>): QueueVerb[] {
  return [paused ? 'resume' : 'pause', draining ? 'open' : 'drain'];
}

/** `8 at once · 1 for each key · 100 in 1m 00s`; null without limits. */
export function limitsText({ maxConcurrent, maxConcurrentPerKey, rate }: QueueLimits): string | null {
  const parts = [
    maxConcurrent === null ? null : `${maxConcurrent} at once`,
    maxConcurrentPerKey === null ? null : `${maxConcurrentPerKey} for each key`,
    rate === null ? null : `${rate.limit} in ${rate.seconds} s`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' · ');
}

export type QueueLimits = Pick<Queue, 'maxConcurrent' | 'maxConcurrentPerKey' | 'rate'>;
