import { Skeleton } from '@mantine/core';
import { LookBadge } from '../ui/look-badge.tsx';
import { Page } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { AlertsPanel } from './alerts-panel.tsx';
import { ExportButtons } from './export-buttons.tsx';
import classes from './monitoring.module.css';
import { MonitoringFigures } from './monitoring-figures.tsx';
import { RetentionPanel } from './retention-panel.tsx';
import { HEALTH_LOOKS } from './rollback-looks.ts';
import { RollbackTabs } from './rollback-tabs.tsx';
import { StrategyTable } from './strategy-table.tsx';
import { TrendsPanel } from './trends-panel.tsx';
import { useMonitoring, useRollbackMetrics } from './use-rollback.ts';

/** How rollbacks stand: figures, how they developed, and what somebody should look at. */
export function MonitoringPage() {
  const summary = useMonitoring();
  const metrics = useRollbackMetrics();
  const error = summary.error ?? metrics.error;
  const health = summary.data?.healthStatus;
  return (
    <Page
      title="Rollback"
      note={health === undefined ? undefined : <LookBadge look={HEALTH_LOOKS[health]} status={health} />}
      actions={<ExportButtons />}
    >
      <RollbackTabs />
      {error !== null && <ProblemNote error={error} />}
      {summary.data !== undefined && metrics.data !== undefined ? (
        <MonitoringFigures summary={summary.data} metrics={metrics.data} />
      ) : (
        error === null && <Skeleton height={120} aria-label="Reading the figures" />
      )}
      <AlertsPanel />
      <TrendsPanel />
      {metrics.data !== undefined && (
        <div className={classes.columns}>
          <StrategyTable counts={metrics.data.operations} />
          <RetentionPanel metrics={metrics.data} />
        </div>
      )}
    </Page>
  );
}
