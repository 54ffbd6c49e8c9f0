import type { AgentMetrics } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import classes from '../overview/status-counts.module.css';
import { formatCount } from '../ui/format.ts';
import { AGENT_LOOKS, AGENT_STATUSES } from './agent-status.ts';

/** How many agents stand how; a click shows them. All are always shown: a place that jumps about cannot be read at a glance. */
export function AgentCounts({ counts }: { counts: AgentMetrics['byStatus'] }) {
  return (
    <ul className={classes.counts} aria-label="Agents by status">
      {AGENT_STATUSES.map((status) => {
        const { label, tone, icon: Icon } = AGENT_LOOKS[status];
        const count = counts[status] ?? 0;
        return (
          <li key={status}>
            <Link
              to="/agents"
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
