import type { SessionStats, SessionStatus } from '@signalbox/client';
import { CountTiles } from '../ui/count-tiles.tsx';
import { ALL_STATUSES, STATUS_LOOKS } from '../ui/status.ts';

/** Always shown, also at 0: a place that jumps about cannot be read at a glance. */
const ALWAYS: readonly SessionStatus[] = ['running', 'queued', 'paused', 'failed', 'completed'];

/** How many sessions are in each status. */
export function StatusCounts({ counts }: { counts: SessionStats['statusDistribution'] }) {
  const byStatus = new Map(counts.map(({ status, count }) => [status, count]));
  const tiles = ALL_STATUSES.filter((status) => ALWAYS.includes(status) || (byStatus.get(status) ?? 0) > 0).map(
    (status) => ({
      key: status,
      look: STATUS_LOOKS[status],
      count: byStatus.get(status) ?? 0,
      link: { to: '/sessions', search: { status } } as const,
    }),
  );
  return <CountTiles label="Sessions by status" tiles={tiles} />;
}
