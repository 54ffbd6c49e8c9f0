import type { Session } from '@signalbox/client';
import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useApi } from '../api/api-context.tsx';
import { stringifySearch } from '../app/search.ts';
import { ListTable } from '../list/list-table.tsx';
import { nextSort, type Rows } from '../list/rows.ts';
import { useNow } from '../ui/clock.ts';
import { COLUMNS, type RowFacts } from './columns.tsx';
import { type SessionFilters, sortOf, sortText } from './session-filters.ts';
import { useRowMetrics } from './use-row-metrics.ts';
import { useWorkspaceNames } from './use-workspace-names.ts';

interface Props {
  rows: Rows<Session>;
  filters: SessionFilters;
  onSort: (filters: SessionFilters) => void;
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
  onTop: (atTop: boolean) => void;
}

const titleOf = ({ title }: Session) => title;

/** The sessions as a list. A search is ordered by how well it fits. */
export function SessionTable({ filters, onSort, ...list }: Props) {
  const navigate = useNavigate();
  const open = useCallback(
    (id: string) => void navigate({ to: '/sessions/$sessionId', params: { sessionId: id } }),
    [navigate],
  );
  const sort = sortOf(filters);
  return (
    <ListTable
      {...list}
      label="Sessions"
      noun="session"
      nouns="sessions"
      columns={COLUMNS}
      nameOf={titleOf}
      useFacts={useRowFacts}
      sort={filters.q === undefined ? sort : null}
      onSort={(key) => onSort({ ...filters, sort: sortText(nextSort(sort, key)) })}
      onOpen={open}
    />
  );
}

function useRowFacts(inView: readonly Session[]): (session: Session) => RowFacts {
  const { project } = useApi();
  const now = useNow();
  const names = useWorkspaceNames();
  const metrics = useRowMetrics(inView);
  return (session) => ({
    session,
    href: `/sessions/${session.id}${stringifySearch({ project })}`,
    metrics: metrics.get(session.id),
    workspaceName: session.workspaceId === null ? undefined : names.get(session.workspaceId),
    now: session.status === 'running' || session.status === 'degraded' ? now : 0,
  });
}
