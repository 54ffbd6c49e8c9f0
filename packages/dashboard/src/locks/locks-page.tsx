import { Button, Select } from '@mantine/core';
import { IconFilterOff, IconLockOpen } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ClearFilters } from '../list/clear-filters.tsx';
import bar from '../list/filter-bar.module.css';
import { TypedFilter } from '../list/typed-filter.tsx';
import { Blank } from '../ui/blank.tsx';
import { formatCount, formatDuration } from '../ui/format.ts';
import { Listed } from '../ui/listed.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import table from '../ui/table.module.css';
import { LockFigures } from './lock-figures.tsx';
import { isNarrowed, LOCK_FILTER_NAMES, type LockFilters } from './lock-filters.ts';
import { LockTable } from './lock-table.tsx';
import { useLockStats, useLocks } from './use-locks.ts';
import { awaited } from './waiting-counts.ts';

const route = getRouteApi('/locks');

/** Who holds what, and who waits for it. */
export function LocksPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/locks' });
  const filters: LockFilters = Object.fromEntries(
    LOCK_FILTER_NAMES.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]])),
  );
  const change = (next: LockFilters) =>
    void navigate({ search: (before) => ({ project: before.project, ...next }), replace: true });
  const list = useLocks(filters);
  const stats = useLockStats();
  const total = list.total ?? 0;
  const unheld = stats.data === undefined ? [] : awaited(stats.data);
  return (
    <Page title="Locks">
      {stats.error !== null && <ProblemNote error={stats.error} />}
      {stats.data !== undefined && <LockFigures stats={stats.data} />}
      {(isNarrowed(filters) || total > 0) && <LockFilterBar filters={filters} onChange={change} />}
      <Listed list={list} blank={<NoLocks filters={filters} onChange={change} />}>
        <Panel title={`${formatCount(total)} ${total === 1 ? 'lock' : 'locks'}`} note="the last acquired first">
          <LockTable locks={list.items} stats={stats.data} />
        </Panel>
      </Listed>
      {unheld.length > 0 && (
        <Panel
          title="Waited for and held by nobody"
          note="in the delay after a loss, or behind what stands above or below"
        >
          <table className={table.table}>
            <thead>
              <tr>
                <th>Resource</th>
                <th>Waiting</th>
                <th>Longest wait</th>
              </tr>
            </thead>
            <tbody>
              {unheld.map(({ resource, waiting, longestWaitSeconds }) => (
                <tr key={resource}>
                  <td>
                    <Link to="/locks/queue" search={{ resource }}>
                      {resource}
                    </Link>
                  </td>
                  <td>{formatCount(waiting)}</td>
                  <td>{formatDuration(longestWaitSeconds)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      )}
    </Page>
  );
}

interface FilterProps {
  filters: LockFilters;
  onChange: (filters: LockFilters) => void;
}

function LockFilterBar({ filters, onChange }: FilterProps) {
  const set = (name: keyof LockFilters, value: string | null) =>
    onChange({ ...filters, [name]: value === null || value === '' ? undefined : value });
  return (
    <search className={bar.bar} aria-label="Filters">
      <TypedFilter
        label="Search"
        placeholder="Search resources"
        wide
        value={filters.q}
        onCommit={(value) => set('q', value)}
      />
      <Select
        aria-label="Mode"
        placeholder="Mode"
        data={[
          { value: 'exclusive', label: 'Exclusive' },
          { value: 'shared', label: 'Shared' },
        ]}
        value={filters.mode ?? null}
        onChange={(value) => set('mode', value)}
        size="xs"
        clearable
        className={bar.one}
      />
      <Select
        aria-label="State"
        placeholder="State"
        data={[
          { value: 'held', label: 'Held' },
          { value: 'lost', label: 'Lost' },
        ]}
        value={filters.state ?? null}
        onChange={(value) => set('state', value)}
        size="xs"
        clearable
        className={bar.one}
      />
      {isNarrowed(filters) && <ClearFilters onClear={() => onChange({})} />}
    </search>
  );
}

function NoLocks({ filters, onChange }: FilterProps) {
  if (isNarrowed(filters)) {
    return (
      <Blank icon={<IconFilterOff size={28} />} title="No lock fits these filters">
        <Button size="xs" variant="default" onClick={() => onChange({})}>
          Clear the filters
        </Button>
      </Blank>
    );
  }
  return (
    <Blank icon={<IconLockOpen size={28} />} title="No lock is held">
      Whoever changes something that others may change too acquires its lock first, with <code>POST /api/v1/locks</code>{' '}
      or <code>withLock</code>.
    </Blank>
  );
}
