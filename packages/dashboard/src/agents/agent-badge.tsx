import { LookBadge } from '../ui/look-badge.tsx';
import { AGENT_LOOKS, type AgentStatus } from './agent-status.ts';

/** How an agent stands, as sign and word; what it means for work on hover. */
export function AgentBadge({ status }: { status: AgentStatus }) {
  const look = AGENT_LOOKS[status];
  return (
    <span title={look.about}>
      <LookBadge look={look} status={status} />
    </span>
  );
}
