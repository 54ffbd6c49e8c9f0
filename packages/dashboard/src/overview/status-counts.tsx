import type { SessionStats, SessionStatus } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import { formatCount } from '../ui/format.ts';
import { ALL_STATUSES, STATUS_LOOKS } from '../ui/status.ts';
import classes from './status-counts.module.css';

/** Always shown, also at 0: a place that jumps about cannot be read at a glance. */
const ALWAYS: readonly SessionStatus[] = ['running', 'queued', 'paused', 'failed', 'completed'];

/** How many sessions are in each status; a click shows them. */
export function StatusCounts({ counts }: { counts: SessionStats['statusDistribution'] }) {
  const byStatus = new Map(counts.map(({ status, count }) => [status, count]));
  const shown = ALL_STATUSES.filter((status) => ALWAYS.includes(status) || (byStatus.get(status) ?? 0) > 0);
  return (
    <ul className={classes.counts} aria-label="Sessions by status">
      {shown.map((status) => {
        const { label, tone, icon: Icon } = STATUS_LOOKS[status];
        const count = byStatus.get(status) ?? 0;
        return (
          <li key={status}>
            <Link
              to="/sessions"
              search={{ status }}
              className={classes.count}
              data-tone={tone}
              data-none={count === 0 || undefined}
            >
              <span className={classes.number}>{formatCount(count)}</span>
              <span className={classes.label}>
                <Icon size={14} stroke={2.2} aria-hidden />
                {label}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
