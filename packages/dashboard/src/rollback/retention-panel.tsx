import type { RollbackMetrics } from '@signalbox/client';
import { Age } from '../ui/age.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatBytes, formatCount, formatDuration } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';

/** How much is kept, and for how long. */
export function RetentionPanel({ metrics }: { metrics: RollbackMetrics }) {
  const { retention, totalRollbackPoints, lastCleanup } = metrics;
  const { maxPoints, defaultTtl, sessionLimit, maxSnapshotSize, keepOperations } = retention;
  return (
    <Panel title="Retention" note="as configured">
      <Facts>
        <Fact label="Points">
          {formatCount(totalRollbackPoints)} now; {formatCount(maxPoints)} with a name and as many backups at most
        </Fact>
        <Fact label="Of one session">{formatCount(sessionLimit)} at most</Fact>
        <Fact label="A point lives">
          {defaultTtl === null
            ? 'until it is deleted'
            : `${formatDuration(defaultTtl / 1000)} unless it says otherwise`}
        </Fact>
        <Fact label="A snapshot">{formatBytes(maxSnapshotSize)} at most</Fact>
        <Fact label="Operations">{formatDuration(keepOperations / 1000)} after their end</Fact>
        <Fact label="Last cleanup">{lastCleanup === null ? 'none yet' : <Age since={lastCleanup} />}</Fact>
      </Facts>
    </Panel>
  );
}
