import { Button, MultiSelect, Select } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import classes from '../list/filter-bar.module.css';
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
      <MultiSelect
        aria-label="Status"
        placeholder={statusesOf(filters).length === 0 ? 'Status' : ''}
        data={AGENT_STATUSES.map((status) => ({ value: status, label: AGENT_LOOKS[status].label }))}
        value={statusesOf(filters)}
        onChange={(values) => set('status', values.join(','))}
        size="xs"
        clearable
        className={classes.several}
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
      {isNarrowed(filters) && (
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconX size={13} aria-hidden />}
          onClick={() => onChange({ sort: filters.sort })}
        >
          Clear
        </Button>
      )}
    </search>
  );
}
