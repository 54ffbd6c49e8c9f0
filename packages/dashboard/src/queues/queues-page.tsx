import type { Queue } from '@signalbox/client';
import { IconInbox } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { usePages } from '../api/use-pages.ts';
import { Blank } from '../ui/blank.tsx';
import { formatBounded, sumOf } from '../ui/bounded-count.ts';
import { formatDuration, NOTHING } from '../ui/format.ts';
import { Listed } from '../ui/listed.tsx';
import { LookBadge } from '../ui/look-badge.tsx';
import { Page, Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import { useRowKeys } from '../ui/use-row-keys.ts';
import { formatShare, formatThroughput } from './figures.ts';
import { QueueMenu } from './queue-menu.tsx';
import { limitsText, queueLooks } from './queue-state.ts';
import classes from './queues.module.css';

const PAGE_SIZE = 50;
/** Ages grow and figures of the last minutes pass without an event. */
const REFRESH_MS = 5_000;

/** Where tasks wait: how much is in each queue, how fast it is worked off, and what goes wrong. */
export function QueuesPage() {
  const { client, project } = useApi();
  const list = usePages<Queue & { id: string }>({
    queryKey: [...keys.queues(project), 'list'],
    read: async (page, signal) => {
      const answer = await client.queues.list({ page, pageSize: PAGE_SIZE }, { signal });
      return { ...answer, items: answer.items.map((queue) => ({ ...queue, id: queue.name })) };
    },
    everyMs: REFRESH_MS,
  });
  const rows = useRef<HTMLTableElement>(null);
  useRowKeys(rows);
  return (
    <Page title="Queues">
      <Listed
        list={list}
        blank={
          <Blank icon={<IconInbox size={28} />} title="No queues yet">
            A queue needs no setting up: the first task that names it makes it. Without a name a task goes into{' '}
            <code>default</code>.
          </Blank>
        }
      >
        <Panel title={`${list.total ?? 0} ${list.total === 1 ? 'queue' : 'queues'}`} note="figures of the last minutes">
          <div className={table.scroll}>
            <table className={`${table.table} ${classes.figures}`} ref={rows}>
              <thead>
                <tr>
                  <th>Queue</th>
                  <th>State</th>
                  <th className={classes.number}>Ready</th>
                  <th className={classes.number}>Delayed</th>
                  <th className={classes.number}>Waiting</th>
                  <th className={classes.number}>At work</th>
                  <th className={classes.number}>Dead</th>
                  <th className={classes.number}>Oldest</th>
                  <th className={classes.number}>Done</th>
                  <th className={classes.number}>Failed</th>
                  <th className={classes.reason}>Commonest failure</th>
                  <th aria-label="Actions" />
                </tr>
              </thead>
              <tbody>
                {list.items.map((queue) => (
                  <QueueRow key={queue.name} queue={queue} />
                ))}
              </tbody>
            </table>
          </div>
        </Panel>
      </Listed>
    </Page>
  );
}

function QueueRow({ queue }: { queue: Queue }) {
  const { name, ready, delayed, waiting, claimed, running, dead, failed, activity } = queue;
  const [commonest] = queue.failureReasons;
  const gone = sumOf(dead, failed);
  return (
    <tr data-queue={name}>
      <td className={table.strong}>
        <Link to="/queues/$queue" params={{ queue: name }} data-row>
          {name}
        </Link>
        {limitsText(queue) !== null && <div className={classes.limits}>{limitsText(queue)}</div>}
      </td>
      <td>
        <span className={classes.looks}>
          {queueLooks(queue).map((look) => (
            <LookBadge key={look.label} look={look} status={look.label.toLowerCase()} />
          ))}
        </span>
      </td>
      <td className={classes.number} data-figure="ready">
        {formatBounded(ready)}
      </td>
      <td className={classes.number}>{formatBounded(delayed)}</td>
      <td className={classes.number}>{formatBounded(waiting)}</td>
      <td className={classes.number} data-figure="work">
        {formatBounded(sumOf(claimed, running))}
      </td>
      <td className={classes.number} data-figure="dead">
        {gone.count === 0 ? (
          formatBounded(gone)
        ) : (
          <Link
            to="/dead-letters"
            search={{ queue: name }}
            aria-label={`${formatBounded(gone)} dead letters of ${name}`}
          >
            {formatBounded(gone)}
          </Link>
        )}
      </td>
      <td className={classes.number}>{formatDuration(queue.oldestReadySeconds)}</td>
      <td className={classes.number}>{formatThroughput(activity)}</td>
      <td className={classes.number} data-figure="failed">
        {formatShare(activity.failureShare)}
      </td>
      <td className={classes.reason} title={commonest?.message}>
        <span className={classes.message}>
          {commonest === undefined ? NOTHING : `${commonest.count} × ${commonest.name}: ${commonest.message}`}
        </span>
      </td>
      <td>
        <QueueMenu queue={queue} />
      </td>
    </tr>
  );
}
