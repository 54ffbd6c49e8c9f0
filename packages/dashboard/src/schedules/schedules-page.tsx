import { Switch } from '@mantine/core';
import type { Schedule } from '@signalbox/client';
import { IconCalendarRepeat } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { usePages } from '../api/use-pages.ts';
import { Age } from '../ui/age.tsx';
import { Blank } from '../ui/blank.tsx';
import { useNow } from '../ui/clock.ts';
import { formatDateTime, formatDuration } from '../ui/format.ts';
import { Listed } from '../ui/listed.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { Page, Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import { SKIP_REASONS } from './skip-reasons.ts';

const PAGE_SIZE = 50;

/** Tasks that come again and again: when each comes next, and when it came last. */
export function SchedulesPage() {
  const { client, project } = useApi();
  const list = usePages<Schedule>({
    queryKey: keys.schedules(project),
    read: (page, signal) => client.schedules.list({ page, pageSize: PAGE_SIZE }, { signal }),
  });
  return (
    <Page title="Schedules">
      <Listed
        list={list}
        blank={
          <Blank icon={<IconCalendarRepeat size={28} />} title="No schedules yet">
            A schedule enqueues a task again and again. Make one with{' '}
            <code>signalbox schedules create nightly --cron "30 2 * * *" --type report</code>.
          </Blank>
        }
      >
        <Panel title={`${list.total ?? 0} ${list.total === 1 ? 'schedule' : 'schedules'}`}>
          <div className={table.scroll}>
            <table className={table.table}>
              <thead>
                <tr>
                  <th>On</th>
                  <th>Name</th>
                  <th>When</th>
                  <th>Task</th>
                  <th>Next</th>
                  <th>Last</th>
                  <th>Left out last</th>
                </tr>
              </thead>
              <tbody>
                {list.items.map((schedule) => (
                  <ScheduleRow key={schedule.id} schedule={schedule} />
                ))}
              </tbody>
            </table>
          </div>
        </Panel>
      </Listed>
    </Page>
  );
}

function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const { name, cron, timezone, task, lastRunAt, lastTaskId, lastSkippedAt, lastSkipReason } = schedule;
  return (
    <tr data-schedule={name}>
      <td>
        <Enabled schedule={schedule} />
      </td>
      <td className={table.strong}>{name}</td>
      <td>
        <code>{cron}</code> <span className={table.muted}>{timezone}</span>
      </td>
      <td>
        {task.type} <span className={table.muted}>in {task.queue}</span>
      </td>
      <td>
        <Next schedule={schedule} />
      </td>
      <td>
        {lastRunAt === null ? (
          'never'
        ) : lastTaskId === null ? (
          <Age since={lastRunAt} />
        ) : (
          <Link to="/tasks/$taskId" params={{ taskId: lastTaskId }} aria-label={`Task of the last time of ${name}`}>
            <Age since={lastRunAt} />
          </Link>
        )}
      </td>
      <td>
        {lastSkippedAt === null ? (
          <span className={table.muted}>never</span>
        ) : (
          <>
            <Age since={lastSkippedAt} />
            {lastSkipReason !== null && <span className={table.muted}> {SKIP_REASONS[lastSkipReason]}</span>}
          </>
        )}
      </td>
    </tr>
  );
}

function Next({ schedule: { enabled, nextRunAt } }: { schedule: Schedule }) {
  const now = useNow();
  if (!enabled) return <span className={table.muted}>off</span>;
  if (nextRunAt === null) return <span className={table.muted}>no further time</span>;
  const seconds = (Date.parse(nextRunAt) - now) / 1000;
  return (
    <time dateTime={nextRunAt}>
      {formatDateTime(nextRunAt)}{' '}
      <span className={table.muted}>{seconds > 0 ? `in ${formatDuration(Math.ceil(seconds))}` : 'due'}</span>
    </time>
  );
}

/** On or off, over the version that is shown: a change meanwhile refuses it. */
function Enabled({ schedule }: { schedule: Schedule }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const { id, name, version, enabled } = schedule;
  const turn = useMutation({
    mutationFn: (on: boolean) => client.schedules.update(id, version, { enabled: on }),
    onSuccess: (changed) => notifyDone(`${name} is ${changed.enabled ? 'on' : 'off'}.`),
    onError: (error) => notifyProblem(error, 'The schedule stays as it is'),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.schedules(project) }),
  });
  return (
    <Switch
      size="xs"
      aria-label={`${name} is on`}
      checked={turn.isPending ? turn.variables : enabled}
      disabled={turn.isPending}
      onChange={(event) => turn.mutate(event.currentTarget.checked)}
    />
  );
}
