import type { ListQuery, Task } from '@signalbox/client';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useCallback, useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { stringifySearch } from '../app/search.ts';
import classes from '../list/list-place.module.css';
import { ListProblem } from '../list/list-problem.tsx';
import { ListTable } from '../list/list-table.tsx';
import { nextSort, type Rows } from '../list/rows.ts';
import { useLiveList } from '../list/use-live-list.ts';
import { PAGE_SIZE, useRows } from '../list/use-rows.ts';
import { WaitingRows } from '../list/waiting-rows.tsx';
import { useNow } from '../ui/clock.ts';
import { TASK_COLUMNS, type TaskFacts, taskName } from './task-columns.tsx';
import { type TaskFilters, taskSortOf, taskSortText } from './task-filters.ts';
import { isAtWork } from './task-status.ts';

/** The tasks that a query names, a hundred at a time. */
export function useTaskRows(query: ListQuery): Rows<Task> {
  const { client, project } = useApi();
  return useRows<Task>({
    listKey: keys.taskList(project),
    pageKey: (page) => keys.taskPage(project, query, page),
    read: (page, signal) => client.tasks.list({ ...query, page, pageSize: PAGE_SIZE }, { signal }),
  });
}

interface Props {
  label: string;
  rows: Rows<Task>;
  query: ListQuery;
  filters: TaskFilters;
  onChange: (filters: TaskFilters) => void;
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
  /** What stands there where there are none. */
  blank: ReactNode;
}

/** Tasks as a live list of which only the rows in view exist. */
export function TaskList({ label, rows, query, filters, onChange, selected, onSelect, blank }: Props) {
  const { client } = useApi();
  const navigate = useNavigate();
  const [atTop, setAtTop] = useState(true);
  const live = useLiveList({ rows, query, atTop, topic: 'task', read: client.tasks.list });
  const open = useCallback((id: string) => void navigate({ to: '/tasks/$taskId', params: { taskId: id } }), [navigate]);
  const sort = taskSortOf(filters);
  const error = rows.error ?? live.error;
  return (
    <>
      {error !== null && <ListProblem error={error} onAgain={rows.retry} />}
      {rows.total === 0 && !rows.pending && rows.error === null ? (
        blank
      ) : (
        <div className={classes.list}>
          <WaitingRows count={live.waiting} word="more" onShow={live.show} />
          <ListTable
            label={label}
            noun="task"
            nouns="tasks"
            columns={TASK_COLUMNS}
            rows={rows}
            nameOf={taskName}
            useFacts={useTaskFacts}
            sort={sort}
            onSort={(key) => onChange({ ...filters, sort: taskSortText(nextSort(sort, key)) })}
            selected={selected}
            onSelect={onSelect}
            onTop={setAtTop}
            onOpen={open}
          />
        </div>
      )}
    </>
  );
}

function useTaskFacts(): (task: Task) => TaskFacts {
  const { project } = useApi();
  const now = useNow();
  return (task) => ({
    task,
    href: `/tasks/${task.id}${stringifySearch({ project })}`,
    now: isAtWork(task.status) ? now : 0,
  });
}
