import { Button } from '@mantine/core';
import type { Queue } from '@signalbox/client';
import { IconAdjustments } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { type BoundedCount, formatBounded } from '../ui/bounded-count.ts';
import { Crumbs } from '../ui/crumbs.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatCount, formatDuration } from '../ui/format.ts';
import { LookBadge } from '../ui/look-badge.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { PageToCome } from '../ui/page-to-come.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import table from '../ui/table.module.css';
import { formatShare, formatThroughput } from './figures.ts';
import { LimitsDialog } from './limits-dialog.tsx';
import { VERB_ICONS } from './queue-menu.tsx';
import { limitsText, queueLooks, queueVerbs } from './queue-state.ts';
import classes from './queues.module.css';
import { useQueueVerb, VERB_WORDS } from './use-queue-verb.ts';

const route = getRouteApi('/queues/$queue');
const REFRESH_MS = 5_000;

/** One queue, live: what it holds, what happens in it, and what goes wrong. */
export function QueuePage() {
  const { queue: name } = route.useParams();
  const { client, project } = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: keys.queue(project, name),
    queryFn: ({ signal }) => client.queues.get(name, { signal }),
    refetchInterval: REFRESH_MS,
  });
  if (data === undefined) {
    return (
      <PageToCome title={name} error={error} onAgain={() => void refetch()}>
        <Link to="/queues">All queues</Link>
      </PageToCome>
    );
  }
  return (
    <Page
      title={name}
      crumbs={
        <Crumbs>
          <Link to="/queues">Queues</Link>
        </Crumbs>
      }
      note={queueLooks(data).map((look) => (
        <LookBadge key={look.label} look={look} status={look.label.toLowerCase()} />
      ))}
      actions={<Verbs queue={data} />}
    >
      {error !== null && <ProblemNote error={error} />}
      <dl className={classes.depths} aria-label="What it holds">
        <Depth label="Ready" count={data.ready} />
        <Depth label="Delayed" count={data.delayed} />
        <Depth label="Waiting" count={data.waiting} />
        <Depth label="Claimed" count={data.claimed} />
        <Depth label="Running" count={data.running} />
        <Depth label="Dead" count={data.dead} />
        <Depth label="Failed" count={data.failed} />
      </dl>
      <p className={classes.links}>
        <Link to="/tasks" search={{ queue: name }}>
          All its tasks
        </Link>
        <Link to="/tasks" search={{ queue: name, status: 'claimed,running' }}>
          Those at work
        </Link>
        <Link to="/dead-letters" search={{ queue: name }}>
          Its dead letters
        </Link>
      </p>
      <div className={classes.columns}>
        <Activity queue={data} />
        <Reasons queue={data} />
      </div>
    </Page>
  );
}

function Depth({ label, count }: { label: string; count: BoundedCount }) {
  return (
    <div className={classes.depth} data-none={count.count === 0 || undefined}>
      <dt>{label}</dt>
      <dd>{formatBounded(count)}</dd>
    </div>
  );
}

function Activity({ queue }: { queue: Queue }) {
  const { activity } = queue;
  return (
    <Panel title="Activity" note={`last ${formatDuration(activity.seconds)}`}>
      <Facts>
        <Fact label="Oldest ready">{formatDuration(queue.oldestReadySeconds)}</Fact>
        <Fact label="Done">{`${formatCount(activity.completed)}, ${formatThroughput(activity)}`}</Fact>
        <Fact label="Came in">{formatCount(activity.enqueued)}</Fact>
        <Fact label="Claimed">{formatCount(activity.claimed)}</Fact>
        <Fact label="Failed">{formatCount(activity.failed)}</Fact>
        <Fact label="Agents lost">{formatCount(activity.lost)}</Fact>
        <Fact label="Share failed">{formatShare(activity.failureShare)}</Fact>
        <Fact label="An attempt takes">
          {activity.meanMs === null ? formatDuration(null) : formatDuration(activity.meanMs / 1000)}
        </Fact>
        <Fact label="Limits">{limitsText(queue) ?? 'none'}</Fact>
      </Facts>
    </Panel>
  );
}

function Reasons({ queue: { failureReasons } }: { queue: Queue }) {
  return (
    <Panel title="Why tasks were given up" note="last hour">
      {failureReasons.length === 0 ? (
        <p className={classes.none}>None were.</p>
      ) : (
        <div className={table.scroll}>
          <table className={table.table}>
            <thead>
              <tr>
                <th className={classes.number}>Times</th>
                <th>Error</th>
                <th>What the newest said</th>
              </tr>
            </thead>
            <tbody>
              {failureReasons.map(({ name, message, count }) => (
                <tr key={name}>
                  <td className={classes.number}>{formatCount(count)}</td>
                  <td className={table.strong}>{name}</td>
                  <td className={classes.reason}>{message}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Verbs({ queue }: { queue: Queue }) {
  const { run, pending } = useQueueVerb(queue);
  const [limiting, setLimiting] = useState(false);
  return (
    <>
      {queueVerbs(queue).map((verb) => {
        const Icon = VERB_ICONS[verb];
        return (
          <Button
            key={verb}
            size="xs"
            variant="default"
            disabled={pending}
            leftSection={<Icon size={14} aria-hidden />}
            onClick={() => run(verb)}
          >
            {VERB_WORDS[verb].label}
          </Button>
        );
      })}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconAdjustments size={14} aria-hidden />}
        onClick={() => setLimiting(true)}
      >
        Limits…
      </Button>
      {limiting && <LimitsDialog queue={queue} onClose={() => setLimiting(false)} />}
    </>
  );
}
