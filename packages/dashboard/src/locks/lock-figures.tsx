import type { LockStats } from '@signalbox/client';
import { formatCount, formatDuration } from '../ui/format.ts';
import classes from './lock-figures.module.css';
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
  return (
    <dl className={classes.figures} aria-label="Locks at a glance">
      {figures.map(({ label, value }) => (
        <div key={label} className={classes.figure}>
          <dt className={classes.label}>{label}</dt>
          <dd className={classes.value}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
