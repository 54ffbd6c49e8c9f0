import type { AgentMetrics } from '@signalbox/client';
import { CountTiles } from '../ui/count-tiles.tsx';
import { AGENT_LOOKS, AGENT_STATUSES } from './agent-status.ts';

/** How many agents stand how. All are always shown: a place that jumps about cannot be read at a glance. */
export function AgentCounts({ counts }: { counts: AgentMetrics['byStatus'] }) {
  const tiles = AGENT_STATUSES.map((status) => ({
    key: status,
    look: AGENT_LOOKS[status],
    count: counts[status] ?? 0,
    link: { to: '/agents', search: { status } } as const,
  }));
  return <CountTiles label="Agents by status" tiles={tiles} />;
}
