import type { SessionMonitor } from '@signalbox/client';
import { IconAlertTriangle, IconClockExclamation } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { formatDuration } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import own from './at-risk.module.css';
import classes from './session-lines.module.css';

/** Health scores go from 1 (all is well) to 0; below this something is wrong besides the time. */
const HEALTHY = 0.5;

/** Sessions that are about to run out of time, the most urgent first. */
export function AtRisk({ sessions }: { sessions: SessionMonitor['atRiskSessions'] }) {
  const urgent = [...sessions].sort((a, b) => a.timeRemainingSeconds - b.timeRemainingSeconds);
  return (
    <Panel title="At risk" note="near the time limit, or unhealthy">
      {urgent.length === 0 && <p className={classes.none}>No session is near its time limit.</p>}
      <ul className={classes.lines}>
        {urgent.map(({ sessionId, title, timeRemainingSeconds, healthScore }) => (
          <li key={sessionId}>
            <Link to="/sessions/$sessionId" params={{ sessionId }} className={own.line} data-tone="late">
              <span className={classes.title}>{title}</span>
              <span className={own.left}>
                <IconClockExclamation size={14} aria-hidden />
                {timeRemainingSeconds > 0 ? `${formatDuration(timeRemainingSeconds)} left` : 'over its limit'}
              </span>
              <span className={own.health} title="100 %: all is well">
                {healthScore < HEALTHY && <IconAlertTriangle size={13} aria-hidden />}
                health {Math.round(healthScore * 100)} %
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
