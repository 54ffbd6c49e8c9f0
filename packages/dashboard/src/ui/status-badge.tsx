import type { SessionStatus } from '@signalbox/client';
import { LookBadge } from './look-badge.tsx';
import { STATUS_LOOKS } from './status.ts';

/** A session's status as sign and word. */
export function StatusBadge({ status, plain = false }: { status: SessionStatus; plain?: boolean }) {
  return <LookBadge look={STATUS_LOOKS[status]} status={status} plain={plain} beating={status === 'running'} />;
}
