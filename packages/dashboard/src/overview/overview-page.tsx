import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { Page, Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { TROUBLED_STATUSES } from '../ui/status.ts';
import { AtRisk } from './at-risk.tsx';
import { FirstCommand } from './first-command.tsx';
import classes from './overview-page.module.css';
import { SessionLines } from './session-lines.tsx';
import { StatusCounts } from './status-counts.tsx';
import { UsageToday } from './usage-today.tsx';

const Throughput = lazy(() => import('./throughput.tsx'));

/** The fleet at a glance: how much is in which state, what runs, what needs somebody. */
export function OverviewPage() {
  const { client, project } = useApi();
  const monitor = useQuery({
    queryKey: keys.monitor(project),
    queryFn: ({ signal }) => client.sessions.monitor({ signal }),
    // Time passes also where nothing changes: who is at risk does not come as an event.
    refetchInterval: 15_000,
  });
  if (monitor.error !== null && monitor.data === undefined) {
    return (
      <Page title="Overview">
        <ProblemNote error={monitor.error} />
        <div>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRefresh size={14} />}
            onClick={() => void monitor.refetch()}
          >
            Try again
          </Button>
        </div>
      </Page>
    );
  }
  const counts = monitor.data?.stats.statusDistribution ?? [];
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  if (monitor.data !== undefined && total === 0) {
    return (
      <Page title="Overview">
        <Panel title="The box is manned, the lines are clear">
          <div className={classes.first}>
            <FirstCommand />
          </div>
        </Panel>
      </Page>
    );
  }
  return (
    <Page title="Overview">
      <StatusCounts counts={counts} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <SessionLines
            title="Running now"
            which="running"
            query={{ 'status.in': 'running,degraded,paused', sortBy: 'lastEventAt', sortOrder: 'desc', pageSize: 12 }}
            empty="Nothing runs at the moment."
            link={{ status: 'running,degraded,paused' }}
          />
          <SessionLines
            title="Needs a look"
            which="troubled"
            query={{
              'status.in': TROUBLED_STATUSES.join(','),
              sortBy: 'statusUpdatedAt',
              sortOrder: 'desc',
              pageSize: 8,
            }}
            empty="Nothing has failed."
            link={{ status: TROUBLED_STATUSES.join(',') }}
          />
        </div>
        <div className={classes.column}>
          <Suspense fallback={<Panel title="Finished per hour">{null}</Panel>}>
            <Throughput />
          </Suspense>
          <UsageToday />
          <AtRisk sessions={monitor.data?.atRiskSessions ?? []} />
        </div>
      </div>
    </Page>
  );
}
