import { Skeleton } from '@mantine/core';
import type { Agent } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { Age } from '../ui/age.tsx';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import table from '../ui/table.module.css';
import { Until } from '../ui/until.tsx';
import classes from './agent-page.module.css';

const SHOWN = 50;

/** The tasks an agent holds, the longest held first. */
export function AgentTasks({ agent }: { agent: Agent }) {
  const { client, project } = useApi();
  const { data, error } = useQuery({
    queryKey: [...keys.agents(project), 'tasks', agent.id],
    queryFn: ({ signal }) =>
      client.tasks.list(
        {
          claimedBy: agent.id,
          'status.in': 'claimed,running',
          sortBy: 'claimedAt',
          sortOrder: 'asc',
          pageSize: SHOWN,
        },
        { signal },
      ),
  });
  const items = data?.items ?? [];
  return (
    <Panel
      title="Tasks it holds"
      note={
        data !== undefined && data.total > items.length
          ? `the ${items.length} longest held of ${data.total}`
          : undefined
      }
    >
      {error !== null && <ProblemNote error={error} />}
      {data === undefined && error === null && <Skeleton height={60} m="sm" />}
      {data !== undefined && items.length === 0 && (
        <p className={classes.none}>
          {agent.held === 0
            ? 'It holds no task.'
            : `It has claimed ${agent.held} ahead and begun none of them; such claims stand in its lease alone.`}
        </p>
      )}
      {items.length > 0 && (
        <div className={table.scroll}>
          <table className={table.table}>
            <thead>
              <tr>
                <th>Task</th>
                <th>Type</th>
                <th>Queue</th>
                <th>Attempt</th>
                <th>Claimed</th>
                <th>Claim ends</th>
              </tr>
            </thead>
            <tbody>
              {items.map((task) => (
                <tr key={task.id}>
                  <td>
                    <Link to="/tasks/$taskId" params={{ taskId: task.id }}>
                      …{task.id.slice(-8)}
                    </Link>
                  </td>
                  <td className={table.strong}>{task.type}</td>
                  <td>{task.queue}</td>
                  <td>
                    {task.attempt} of {task.maxAttempts}
                  </td>
                  <td>
                    <Age since={task.claimedAt} />
                  </td>
                  <td>
                    <Until at={task.claimExpiresAt} past="over" />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
