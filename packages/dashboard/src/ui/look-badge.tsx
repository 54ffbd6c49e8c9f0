import type { Look } from './status.ts';
import classes from './status-badge.module.css';

interface Props {
  look: Look;
  /** Stands in `data-status`. */
  status: string;
  /** Without its ground. */
  plain?: boolean;
  /** Whether it is going on: the sign beats. */
  beating?: boolean;
}

/** A status as sign and word. */
export function LookBadge({ look: { label, tone, icon: Icon }, status, plain = false, beating = false }: Props) {
  return (
    <span className={classes.badge} data-tone={tone} data-plain={plain || undefined} data-status={status}>
      <Icon size={13} stroke={2.2} aria-hidden className={beating ? classes.beating : undefined} />
      {label}
    </span>
  );
}
