import { Select } from '@mantine/core';
import { ClearFilters } from '../list/clear-filters.tsx';
import classes from '../list/filter-bar.module.css';
import { StatusFilter } from '../list/status-filter.tsx';
import { TypedFilter } from '../list/typed-filter.tsx';
import { PRIORITIES, RUNTIMES, SESSION_TYPES } from '../ui/priority.ts';
import { ALL_STATUSES, STATUS_LOOKS } from '../ui/status.ts';
import { isNarrowed, type SessionFilterName, type SessionFilters, SINCE_HOURS } from './session-filters.ts';
import { useWorkspaces } from './use-workspace-names.ts';

interface Props {
  filters: SessionFilters;
  onChange: (filters: SessionFilters) => void;
}

/** What the list is narrowed by. All of it stands in the address: a link shows the same to somebody else. */
export function FilterBar({ filters, onChange }: Props) {
  const set = (name: SessionFilterName, value: string | null | undefined) =>
    onChange({ ...filters, [name]: value === null || value === '' ? undefined : value });
  const workspaces = useWorkspaces();
  return (
    <search className={classes.bar} aria-label="Filters">
      <TypedFilter
        label="Search"
        placeholder="Search titles and descriptions"
        wide
        value={filters.q}
        onCommit={(value) => set('q', value)}
      />
      <StatusFilter
        statuses={ALL_STATUSES}
        looks={STATUS_LOOKS}
        value={filters.status}
        onChange={(value) => set('status', value)}
      />
      <Select
        aria-label="Type"
        placeholder="Type"
        data={SESSION_TYPES.map((type) => ({ value: type, label: capital(type) }))}
        value={filters.type ?? null}
        onChange={(value) => set('type', value)}
        size="xs"
        clearable
        className={classes.one}
      />
      <Select
        aria-label="Priority"
        placeholder="Priority"
        data={[...PRIORITIES]}
        value={filters.priority ?? null}
        onChange={(value) => set('priority', value)}
        size="xs"
        clearable
        className={classes.one}
      />
      <Select
        aria-label="Runtime"
        placeholder="Runtime"
        data={[...RUNTIMES]}
        value={filters.runtime ?? null}
        onChange={(value) => set('runtime', value)}
        size="xs"
        clearable
        className={classes.one}
      />
      <Select
        aria-label="Workspace"
        placeholder="Workspace"
        data={(workspaces.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={filters.workspace ?? null}
        onChange={(value) => set('workspace', value)}
        size="xs"
        clearable
        searchable
        className={classes.one}
      />
      <TypedFilter label="Creator" value={filters.creator} onCommit={(value) => set('creator', value)} />
      <TypedFilter label="Tag" value={filters.tag} onCommit={(value) => set('tag', value)} />
      <Select
        aria-label="Created"
        placeholder="Any time"
        data={Object.entries(SINCE_HOURS).map(([value, { label }]) => ({ value, label }))}
        value={filters.since ?? null}
        onChange={(value) => set('since', value)}
        size="xs"
        clearable
        className={classes.one}
      />
      {isNarrowed(filters) && <ClearFilters onClear={() => onChange({ sort: filters.sort })} />}
    </search>
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
