import type { SessionStatus } from '@signalbox/client';
import { STATUS_LOOKS } from './status.ts';
import classes from './status-badge.module.css';

/** A status as lamp, icon and word. `size` follows the text around it. */
export function StatusBadge({ status, plain = false }: { status: SessionStatus; plain?: boolean }) {
  const { label, tone, icon: Icon } = STATUS_LOOKS[status];
  return (
    <span className={classes.badge} data-tone={tone} data-plain={plain || undefined} data-status={status}>
      <Icon size={13} stroke={2.2} aria-hidden className={status === 'running' ? classes.beating : undefined} />
      {label}
    </span>
  );
}
