import { Skeleton } from '@mantine/core';
import type { ListQuery } from '@signalbox/client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import type { SessionFilters } from '../sessions/session-filters.ts';
import { useWorkspaceNames } from '../sessions/use-workspace-names.ts';
import { Age } from '../ui/age.tsx';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import classes from './session-lines.module.css';

interface Props {
  title: string;
  /** Names the answer among those kept. */
  which: string;
  query: ListQuery;
  empty: string;
  /** The list that shows all of them. */
  link: SessionFilters;
}

/** A few sessions, one line each, kept current. */
export function SessionLines({ title, which, query, empty, link }: Props) {
  const { client, project } = useApi();
  const names = useWorkspaceNames();
  const { data, error, isPending } = useQuery({
    queryKey: keys.fleetSessions(project, which),
    queryFn: ({ signal }) => client.sessions.list(query, { signal }),
    placeholderData: keepPreviousData,
    // The time of the last event is shown, and journals do not tell the fleet of each event.
    refetchInterval: 5_000,
  });
  const more = (data?.total ?? 0) - (data?.items.length ?? 0);
  return (
    <Panel
      title={title}
      note={
        <Link to="/sessions" search={link}>
          {more > 0 ? `${more} more` : 'Show as list'}
        </Link>
      }
    >
      {isPending && <Skeleton height={90} m="sm" />}
      {error !== null && data === undefined && <ProblemNote error={error} />}
      {data?.items.length === 0 && <p className={classes.none}>{empty}</p>}
      <ul className={classes.lines}>
        {data?.items.map((session) => (
          <li key={session.id}>
            <Link to="/sessions/$sessionId" params={{ sessionId: session.id }} className={classes.line}>
              <StatusBadge status={session.status} />
              <span className={classes.title}>{session.title}</span>
              <span className={classes.fact}>{session.agentRole ?? session.runtime ?? ''}</span>
              <span className={classes.fact}>
                {session.workspaceId === null ? '' : (names.get(session.workspaceId) ?? '')}
              </span>
              <span className={classes.age} title="Since the last event">
                <Age since={session.lastEventAt ?? session.statusUpdatedAt} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
