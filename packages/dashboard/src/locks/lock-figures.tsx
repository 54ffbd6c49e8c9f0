import type { LockStats } from '@signalbox/client';
import { Figures } from '../ui/figures.tsx';
import { formatCount, formatDuration } from '../ui/format.ts';
import { longestWait } from './waiting-counts.ts';

/** How much is held and waited for, at a glance. */
export function LockFigures({ stats }: { stats: LockStats }) {
  const { totalLocks, activeLocks, waiting } = stats;
  const figures = [
    { label: 'Held', value: formatCount(activeLocks) },
    { label: 'Lost, in their delay', value: formatCount(totalLocks - activeLocks) },
    { label: 'Waiting', value: formatCount(waiting) },
    { label: 'Longest wait', value: formatDuration(longestWait(stats)) },
  ];
  return <Figures label="Locks at a glance" figures={figures} />;
}
