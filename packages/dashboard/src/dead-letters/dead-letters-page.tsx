import { Button } from '@mantine/core';
import { IconFilterOff, IconMoodSmile } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { TaskBulkBar } from '../tasks/task-bulk-bar.tsx';
import { TaskFilterBar } from '../tasks/task-filter-bar.tsx';
import { isTaskListNarrowed, type TaskFilters, taskFiltersOf, taskQueryOf } from '../tasks/task-filters.ts';
import { TaskList, useTaskRows } from '../tasks/task-list.tsx';
import { DEAD_LETTER_STATUSES } from '../tasks/task-status.ts';
import { Blank } from '../ui/blank.tsx';
import { formatCount } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { bulkFilterOf } from './bulk-filter.ts';
import { BulkVerbs } from './bulk-verbs.tsx';

const route = getRouteApi('/dead-letters');

/** Tasks that failed for good or used up their attempts, until somebody tries them again or gives them up. */
export function DeadLettersPage() {
  const filters = taskFiltersOf(route.useSearch());
  const navigate = useNavigate({ from: '/dead-letters' });
  const change = useCallback(
    (next: TaskFilters) => void navigate({ search: (before) => ({ project: before.project, ...next }), replace: true }),
    [navigate],
  );
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const query = taskQueryOf({ ...filters, status: filters.status ?? DEAD_LETTER_STATUSES.join(',') });
  const rows = useTaskRows(query);
  const narrowed = isTaskListNarrowed(filters);
  const count = `${formatCount(rows.total)} ${rows.total === 1 ? 'task' : 'tasks'}`;
  const bulk = bulkFilterOf(filters);
  return (
    <Page
      title="Dead letters"
      fill
      note={rows.pending ? 'Loading…' : count}
      actions={bulk !== null && <BulkVerbs filter={bulk} count={count} disabled={rows.total === 0} />}
    >
      <TaskFilterBar filters={filters} statuses={DEAD_LETTER_STATUSES} onChange={change} />
      {selected.size > 0 && (
        <TaskBulkBar selected={selected} actions={['redrive', 'discard']} onClear={() => setSelected(new Set())} />
      )}
      <TaskList
        label="Dead letters"
        rows={rows}
        query={query}
        filters={filters}
        onChange={change}
        selected={selected}
        onSelect={setSelected}
        blank={
          narrowed ? (
            <Blank icon={<IconFilterOff size={28} />} title="No dead letter fits these filters">
              <Button size="xs" variant="default" onClick={() => change({ sort: filters.sort })}>
                Clear the filters
              </Button>
            </Blank>
          ) : (
            <Blank icon={<IconMoodSmile size={28} />} title="No dead letters">
              A task comes here when its last attempt has failed, or when trying again could not help. It stays until it
              is redriven or discarded.
            </Blank>
          )
        }
      />
    </Page>
  );
}
