import { Button } from '@mantine/core';
import { IconFilterOff, IconStack2 } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { Blank } from '../ui/blank.tsx';
import { formatCount } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { TaskBulkBar } from './task-bulk-bar.tsx';
import { TaskFilterBar } from './task-filter-bar.tsx';
import { isTaskListNarrowed, type TaskFilters, taskFiltersOf, taskQueryOf } from './task-filters.ts';
import { TaskList, useTaskRows } from './task-list.tsx';
import { TASK_STATUSES } from './task-status.ts';

const route = getRouteApi('/tasks');

/** All tasks of the project. */
export function TasksPage() {
  const filters = taskFiltersOf(route.useSearch());
  const navigate = useNavigate({ from: '/tasks' });
  const change = useCallback(
    (next: TaskFilters) => void navigate({ search: (before) => ({ project: before.project, ...next }), replace: true }),
    [navigate],
  );
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const query = taskQueryOf(filters);
  const rows = useTaskRows(query);
  const narrowed = isTaskListNarrowed(filters);
  return (
    <Page title="Tasks" fill note={rows.pending ? 'Loading…' : countText(rows.total, narrowed)}>
      <TaskFilterBar filters={filters} statuses={TASK_STATUSES} onChange={change} />
      {selected.size > 0 && (
        <TaskBulkBar selected={selected} actions={['cancel']} onClear={() => setSelected(new Set())} />
      )}
      <TaskList
        label="Tasks"
        rows={rows}
        query={query}
        filters={filters}
        onChange={change}
        selected={selected}
        onSelect={setSelected}
        blank={
          narrowed ? (
            <Blank icon={<IconFilterOff size={28} />} title="No task fits these filters">
              <Button size="xs" variant="default" onClick={() => change({ sort: filters.sort })}>
                Clear the filters
              </Button>
            </Blank>
          ) : (
            <Blank icon={<IconStack2 size={28} />} title="No tasks yet">
              A task is a piece of work that waits in a queue until an agent claims it. Put one in with{' '}
              <code>signalbox tasks enqueue</code>, from a program, or by starting a session.
            </Blank>
          )
        }
      />
    </Page>
  );
}

function countText(total: number, narrowed: boolean): string {
  const noun = total === 1 ? 'task' : 'tasks';
  return narrowed ? `${formatCount(total)} ${noun} match` : `${formatCount(total)} ${noun}`;
}
