import type { Task } from '@signalbox/client';
import { IconBan, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { taskName } from './task-columns.tsx';
import { availableTaskActions, type TaskAction } from './task-status.ts';

interface Look {
  label: string;
  done: string;
  icon: typeof IconBan;
  grave: boolean;
  /** What it does to one, as the question before it says. */
  about: string;
}

export const TASK_ACTIONS: Readonly<Record<TaskAction, Look>> = {
  cancel: {
    label: 'Cancel',
    done: 'cancelled',
    icon: IconBan,
    grave: true,
    about:
      'It will not be worked on any more, nor will what it was decomposed into. An agent at work is told with its next heartbeat. A cancelled task cannot be tried again.',
  },
  redrive: {
    label: 'Redrive',
    done: 'queued again',
    icon: IconRefresh,
    grave: false,
    about: 'It goes back into its queue with all its attempts. What made it fail should be mended first.',
  },
  discard: {
    label: 'Discard',
    done: 'discarded',
    icon: IconTrash,
    grave: true,
    about: 'It is deleted for good. The audit keeps its error.',
  },
};

/** The verbs of one task, each after a question. */
export function TaskActions({ task }: { task: Task }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const act = useMutation({
    mutationFn: async (action: TaskAction): Promise<void> => {
      await client.tasks[action](task.id);
    },
    onSuccess: (_, action) => {
      notifyDone(`${taskName(task)} is ${TASK_ACTIONS[action].done}.`);
      if (action !== 'discard') return;
      queries.removeQueries({ queryKey: keys.task(project, task.id) });
      void navigate({ to: '/dead-letters' });
    },
    onError: (error, action) => notifyProblem(error, `${TASK_ACTIONS[action].label} was refused`),
    onSettled: (_, error, action) => {
      void queries.invalidateQueries({ queryKey: keys.taskList(project) });
      void queries.invalidateQueries({ queryKey: keys.queues(project) });
      if (action !== 'discard' || error !== null) {
        void queries.invalidateQueries({ queryKey: keys.task(project, task.id) });
      }
    },
  });
  return availableTaskActions(task).map((action) => {
    const { label, icon: Icon, about, grave } = TASK_ACTIONS[action];
    return (
      <ActionButton
        key={action}
        label={label}
        icon={Icon}
        loading={act.isPending && act.variables === action}
        disabled={act.isPending}
        ask={{
          title: `${label} this task?`,
          body: about,
          confirm: `${label} task`,
          grave,
          onConfirm: () => act.mutate(action),
        }}
      />
    );
  });
}
