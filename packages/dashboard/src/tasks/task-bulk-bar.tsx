import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import classes from '../list/bulk-bar.module.css';
import { oneByOne, reasons } from '../list/one-by-one.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { TASK_ACTIONS } from './task-actions.tsx';
import type { TaskAction } from './task-status.ts';

interface Props {
  selected: ReadonlySet<string>;
  actions: readonly TaskAction[];
  onClear: () => void;
}

/** What can be done with the tasks selected. What the server refuses is said, with its reasons. */
export function TaskBulkBar({ selected, actions, onClear }: Props) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const ids = [...selected];
  const run = useMutation({
    mutationFn: (action: TaskAction) => oneByOne(ids, (id) => client.tasks[action](id)),
    onSuccess: (outcome, action) => {
      notifyDone(`${outcome.changed} ${TASK_ACTIONS[action].done}.`);
      if (outcome.skipped.length > 0) {
        notifyProblem(new Error(reasons(outcome)), `${outcome.skipped.length} left as they were`);
      }
      onClear();
    },
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: keys.taskList(project) });
      void queries.invalidateQueries({ queryKey: keys.queues(project) });
    },
  });
  const many = ids.length === 1 ? 'one task' : `${ids.length} tasks`;
  return (
    <div className={classes.bar} role="toolbar" aria-label="Selected tasks">
      <strong>{ids.length} selected</strong>
      {actions.map((action) => {
        const { label, icon: Icon, about, grave } = TASK_ACTIONS[action];
        return (
          <ActionButton
            key={action}
            label={label}
            icon={Icon}
            loading={run.isPending && run.variables === action}
            disabled={run.isPending}
            ask={{
              title: `${label} ${many}?`,
              body: ids.length === 1 ? about : `For each of them: ${about.charAt(0).toLowerCase()}${about.slice(1)}`,
              confirm: `${label} ${many}`,
              grave,
              onConfirm: () => run.mutate(action),
            }}
          />
        );
      })}
      <Button size="xs" variant="subtle" leftSection={<IconX size={14} aria-hidden />} onClick={onClear}>
        Clear selection
      </Button>
    </div>
  );
}
