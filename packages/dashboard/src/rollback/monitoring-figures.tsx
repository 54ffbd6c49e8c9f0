import type { MonitoringSummary, RollbackMetrics } from '@signalbox/client';
import { Figures } from '../ui/figures.tsx';
import { formatBytes, formatCount, formatDuration, NOTHING } from '../ui/format.ts';

interface Props {
  summary: MonitoringSummary;
  metrics: RollbackMetrics;
}

/** Rollbacks at a glance. A rate of none is no rate. */
export function MonitoringFigures({ summary, metrics }: Props) {
  const { totalOperations, successRate, averageOperationTime, successfulRollbacks, failedRollbacks } = summary;
  const { conflictsFound, conflictsResolved, averageResolutionTime, itemsWritten, itemErrors } = metrics;
  const figures = [
    {
      label: 'Success rate',
      value: totalOperations === 0 ? NOTHING : `${(Math.floor(successRate * 10) / 10).toLocaleString()} %`,
      about: `${formatCount(successfulRollbacks)} completed, ${formatCount(failedRollbacks)} failed`,
    },
    {
      label: 'Average time',
      value: successfulRollbacks === 0 ? NOTHING : formatDuration(averageOperationTime / 1000),
      about: 'of those that succeeded',
    },
    {
      label: 'Under way',
      value: formatCount(summary.activeOperations),
      about: `${formatCount(summary.pendingOperations)} yet to begin`,
    },
    {
      label: 'Conflicts',
      value: formatCount(conflictsFound),
      about:
        conflictsFound === 0
          ? 'none so far'
          : `${formatCount(conflictsResolved)} resolved, in ${formatDuration(averageResolutionTime / 1000)} on average`,
    },
    { label: 'Items written', value: formatCount(itemsWritten), about: `${formatCount(itemErrors)} could not be` },
    {
      label: 'Points',
      value: formatCount(summary.totalRollbackPoints),
      about: `${formatBytes(summary.currentMemoryUsage)}, operations counted`,
    },
  ];
  return <Figures label="Rollbacks at a glance" figures={figures} />;
}
