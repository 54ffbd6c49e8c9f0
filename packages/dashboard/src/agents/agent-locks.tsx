import { Skeleton } from '@mantine/core';
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
/** Renewals are not told of as events. */
const RENEWALS_MS = 5_000;

/** The locks that serve an agent, and go with it. */
export function AgentLocks({ agentId }: { agentId: string }) {
  const { client, project } = useApi();
  const { data, error } = useQuery({
    queryKey: [...keys.locks(project), 'of agent', agentId],
    queryFn: ({ signal }) => client.locks.list({ agentId, pageSize: SHOWN }, { signal }),
    refetchInterval: RENEWALS_MS,
  });
  const items = data?.items ?? [];
  return (
    <Panel
      title="Locks it holds"
      note={data !== undefined && data.total > items.length ? `${items.length} of ${data.total}` : undefined}
    >
      {error !== null && <ProblemNote error={error} />}
      {data === undefined && error === null && <Skeleton height={60} m="sm" />}
      {data !== undefined && items.length === 0 && <p className={classes.none}>No lock is held in its name.</p>}
      {items.length > 0 && (
        <table className={table.table}>
          <thead>
            <tr>
              <th>Resource</th>
              <th>Mode</th>
              <th>Held</th>
              <th>Ends</th>
            </tr>
          </thead>
          <tbody>
            {items.map((lock) => (
              <tr key={lock.id}>
                <td>
                  <Link to="/locks/queue" search={{ resource: lock.resource }}>
                    {lock.resource}
                  </Link>
                </td>
                <td>{lock.mode}</td>
                <td>
                  <Age since={lock.acquiredAt} />
                </td>
                <td>{lock.state === 'lost' ? 'lost' : <Until at={lock.expiresAt} past="over" />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
