import { Select } from '@mantine/core';
import type { TaskStatus } from '@signalbox/client';
import { ClearFilters } from '../list/clear-filters.tsx';
import classes from '../list/filter-bar.module.css';
import { StatusFilter } from '../list/status-filter.tsx';
import { TypedFilter } from '../list/typed-filter.tsx';
import { useQueueNames } from '../queues/use-queue-names.ts';
import { isTaskListNarrowed, type TaskFilterName, type TaskFilters } from './task-filters.ts';
import { TASK_LOOKS } from './task-status.ts';

interface Props {
  filters: TaskFilters;
  /** Statuses to choose from. */
  statuses: readonly TaskStatus[];
  onChange: (filters: TaskFilters) => void;
}

/** What the list is narrowed by. All of it stands in the address: a link shows the same to somebody else. */
export function TaskFilterBar({ filters, statuses, onChange }: Props) {
  const set = (name: TaskFilterName, value: string | null) =>
    onChange({ ...filters, [name]: value === null || value === '' ? undefined : value });
  const names = useQueueNames();
  // An address may name a queue that is empty and so in no list.
  const queues = filters.queue === undefined || names.includes(filters.queue) ? names : [filters.queue, ...names];
  return (
    <search className={classes.bar} aria-label="Filters">
      <StatusFilter
        statuses={statuses}
        looks={TASK_LOOKS}
        value={filters.status}
        onChange={(value) => set('status', value)}
      />
      <Select
        aria-label="Queue"
        placeholder="Queue"
        data={[...queues]}
        value={filters.queue ?? null}
        onChange={(value) => set('queue', value)}
        size="xs"
        clearable
        searchable
        className={classes.one}
      />
      <TypedFilter label="Type" value={filters.type} onCommit={(value) => set('type', value)} />
      <TypedFilter label="Agent" value={filters.agent} onCommit={(value) => set('agent', value)} />
      <TypedFilter label="Session" value={filters.session} onCommit={(value) => set('session', value)} />
      <TypedFilter label="Trace" value={filters.trace} onCommit={(value) => set('trace', value)} />
      {isTaskListNarrowed(filters) && <ClearFilters onClear={() => onChange({ sort: filters.sort })} />}
    </search>
  );
}
