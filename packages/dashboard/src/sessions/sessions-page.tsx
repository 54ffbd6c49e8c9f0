import { Button } from '@mantine/core';
import { IconFilterOff, IconTrain } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import classes from '../list/list-place.module.css';
import { ListProblem } from '../list/list-problem.tsx';
import { WaitingRows } from '../list/waiting-rows.tsx';
import { FirstCommand } from '../overview/first-command.tsx';
import { Blank } from '../ui/blank.tsx';
import { formatCount } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { FilterBar } from './filter-bar.tsx';
import { isNarrowed, SESSION_FILTER_NAMES, type SessionFilters } from './session-filters.ts';
import { SessionTable } from './session-table.tsx';
import { useLiveRows } from './use-live-rows.ts';
import { useSessionPages } from './use-session-pages.ts';

const route = getRouteApi('/sessions');

/** All sessions of the project. */
export function SessionsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/sessions' });
  const filters: SessionFilters = Object.fromEntries(
    SESSION_FILTER_NAMES.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]])),
  );
  const change = useCallback(
    (next: SessionFilters) =>
      void navigate({ search: (before) => ({ project: before.project, ...next }), replace: true }),
    [navigate],
  );
  const rows = useSessionPages(filters);
  const [atTop, setAtTop] = useState(true);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const live = useLiveRows(rows, atTop);

  return (
    <Page title="Sessions" fill note={rows.pending ? 'Loading…' : countText(rows.total, isNarrowed(filters))}>
      <FilterBar filters={filters} onChange={change} />
      {selected.size > 0 && <BulkBar selected={selected} onClear={() => setSelected(new Set())} />}
      {rows.error !== null && <ListProblem error={rows.error} onAgain={rows.retry} />}
      {rows.total === 0 && !rows.pending && rows.error === null ? (
        <NoSessions filters={filters} onChange={change} />
      ) : (
        <div className={classes.list}>
          <WaitingRows count={live.waiting} word="new" onShow={live.show} />
          <SessionTable
            rows={rows}
            filters={filters}
            onSort={change}
            selected={selected}
            onSelect={setSelected}
            onTop={setAtTop}
          />
        </div>
      )}
    </Page>
  );
}

function NoSessions({ filters, onChange }: { filters: SessionFilters; onChange: (filters: SessionFilters) => void }) {
  if (!isNarrowed(filters)) {
    return (
      <Blank icon={<IconTrain size={28} />} title="No sessions yet">
        <FirstCommand />
      </Blank>
    );
  }
  return (
    <Blank icon={<IconFilterOff size={28} />} title="No session fits these filters">
      <Button size="xs" variant="default" onClick={() => onChange({ sort: filters.sort })}>
        Clear the filters
      </Button>
    </Blank>
  );
}

function countText(total: number, narrowed: boolean): string {
  const noun = total === 1 ? 'session' : 'sessions';
  return narrowed ? `${formatCount(total)} ${noun} match` : `${formatCount(total)} ${noun}`;
}
