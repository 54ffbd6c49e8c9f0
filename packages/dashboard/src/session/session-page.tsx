import { Button, Skeleton } from '@mantine/core';
import { isActive } from '@signalbox/client';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { HeldCalls } from '../approvals/held-calls.tsx';
import { useLiveFocus } from '../live/live-provider.tsx';
import { ReachPanel } from '../topology/reach-panel.tsx';
import { Page } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { ConflictBanner } from './conflict-banner.tsx';
import { MetricsAside } from './metrics-aside.tsx';
import { SessionHeader } from './session-header.tsx';
import classes from './session-page.module.css';
import { SessionTabs, tabOf } from './session-tabs.tsx';
import { Timeline } from './timeline.tsx';
import { useSession, useSessionMetrics } from './use-session.ts';

const FilesTab = lazy(() => import('./files-tab.tsx'));
const CheckpointsTab = lazy(() => import('./checkpoints-tab.tsx'));
const TreeTab = lazy(() => import('./tree-tab.tsx'));
const PathsTab = lazy(() => import('./paths-tab.tsx'));
const ReplayTab = lazy(() => import('../replay/replay-tab.tsx'));
const DetailsTab = lazy(() => import('./details-tab.tsx'));

const route = getRouteApi('/sessions/$sessionId');

/** One session, live. */
export function SessionPage() {
  const { sessionId } = route.useParams();
  // Another session is another page: nothing of the one before is carried over.
  return <OneSession key={sessionId} id={sessionId} />;
}

function OneSession({ id }: { id: string }) {
  useLiveFocus(id);
  const tab = tabOf(route.useSearch().tab);
  const session = useSession(id);
  const active = session.data !== undefined && isActive(session.data.status);
  const metrics = useSessionMetrics(id, active);

  if (session.data === undefined) {
    return (
      <Page title="Session">
        {session.error === null ? (
          <Skeleton height={180} />
        ) : (
          <>
            <ProblemNote error={session.error} />
            <div className={classes.away}>
              <Button size="xs" variant="default" onClick={() => void session.refetch()}>
                Try again
              </Button>
              <Link to="/sessions">All sessions</Link>
            </div>
          </>
        )}
      </Page>
    );
  }
  return (
    <div className={classes.page}>
      <SessionHeader session={session.data} metrics={metrics.data} />
      <HeldCalls sessionId={id} />
      <ConflictBanner sessionId={id} />
      <ReachPanel of="session" id={id} />
      <div className={classes.body}>
        <div className={classes.content}>
          <SessionTabs tab={tab} session={session.data} />
          <Suspense fallback={<Skeleton height={200} m="md" />}>
            {tab === 'timeline' && <Timeline session={session.data} />}
            {tab === 'files' && <FilesTab session={session.data} />}
            {tab === 'checkpoints' && <CheckpointsTab session={session.data} />}
            {tab === 'tree' && <TreeTab session={session.data} />}
            {tab === 'paths' && <PathsTab session={session.data} />}
            {tab === 'replay' && <ReplayTab session={session.data} />}
            {tab === 'details' && <DetailsTab session={session.data} metrics={metrics.data} />}
          </Suspense>
        </div>
        <MetricsAside session={session.data} metrics={metrics.data} error={metrics.error} />
      </div>
    </div>
  );
}
