import { Select } from '@mantine/core';
import { ClearFilters } from '../list/clear-filters.tsx';
import classes from '../list/filter-bar.module.css';
import { StatusFilter } from '../list/status-filter.tsx';
import { TypedFilter } from '../list/typed-filter.tsx';
import { AGENT_ORDERS, type AgentFilters, isNarrowed, statusesOf } from './agent-filters.ts';
import { AGENT_LOOKS, AGENT_STATUSES } from './agent-status.ts';

interface Props {
  filters: AgentFilters;
  onChange: (filters: AgentFilters) => void;
}

/** What the list of agents is narrowed by; all of it stands in the address. */
export function AgentFilterBar({ filters, onChange }: Props) {
  const set = (name: keyof AgentFilters, value: string | null) =>
    onChange({ ...filters, [name]: value === null || value === '' ? undefined : value });
  return (
    <search className={classes.bar} aria-label="Filters">
      <TypedFilter
        label="Search"
        placeholder="Search names"
        wide
        value={filters.q}
        onCommit={(value) => set('q', value)}
      />
      <StatusFilter
        statuses={AGENT_STATUSES}
        looks={AGENT_LOOKS}
        value={statusesOf(filters).join(',')}
        onChange={(value) => set('status', value)}
      />
      <TypedFilter label="Type" value={filters.type} onCommit={(value) => set('type', value)} />
      <TypedFilter
        label="Capability"
        placeholder="Able to"
        value={filters.capability}
        onCommit={(value) => set('capability', value)}
      />
      <Select
        aria-label="Order"
        placeholder="As registered"
        data={Object.entries(AGENT_ORDERS).map(([value, { label }]) => ({ value, label }))}
        value={filters.sort ?? null}
        onChange={(value) => set('sort', value)}
        size="xs"
        clearable
      />
      {isNarrowed(filters) && <ClearFilters onClear={() => onChange({ sort: filters.sort })} />}
    </search>
  );
}
