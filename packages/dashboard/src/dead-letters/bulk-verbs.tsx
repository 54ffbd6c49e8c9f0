import { Button, Menu } from '@mantine/core';
import type { DeadLetterFilter } from '@signalbox/client';
import { IconChevronDown, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { confirm } from '../ui/confirm.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { whereOf } from './bulk-filter.ts';

type Verb = 'redrive' | 'discard';

interface Props {
  filter: DeadLetterFilter;
  /** How many the filter names, as far as the list knows. */
  count: string;
  disabled: boolean;
}

/** Redrive or discard all that the filter names, in the calls of 10,000 that the server takes. */
export function BulkVerbs({ filter, count, disabled }: Props) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const run = useMutation({
    mutationFn: (verb: Verb) =>
      verb === 'redrive' ? client.tasks.redriveAll(filter) : client.tasks.discardAll(filter),
    onSuccess: ({ changed, skipped, more }, verb) => {
      notifyDone(
        `${changed} ${verb === 'redrive' ? 'queued again' : 'discarded'}${skipped.length > 0 ? `, ${skipped.length} left as they were` : ''}.${more ? ' There are more: repeat for the next.' : ''}`,
      );
      if (skipped.length === 0) return;
      const reasons = [...new Set(skipped.map(({ reason }) => reason))].join(', ');
      notifyProblem(new Error(reasons), `${skipped.length} left as they were`);
    },
    onError: (error, verb) => notifyProblem(error, `${verb === 'redrive' ? 'Redrive' : 'Discard'} was refused`),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: keys.taskList(project) });
      void queries.invalidateQueries({ queryKey: keys.queues(project) });
    },
  });
  const where = whereOf(filter);
  const redrive = () =>
    confirm({
      title: `Redrive all ${where}?`,
      body: `${count} go back into their queues with all their attempts, up to 10,000 at once. What made them fail should be mended first.`,
      confirm: 'Redrive all',
      onConfirm: () => run.mutate('redrive'),
    });
  const discard = () =>
    confirm({
      title: `Discard all ${where}?`,
      body: `${count} are deleted for good, up to 10,000 at once. The audit keeps their errors.`,
      confirm: 'Discard all',
      grave: true,
      onConfirm: () => run.mutate('discard'),
    });
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          size="xs"
          variant="default"
          rightSection={<IconChevronDown size={14} aria-hidden />}
          disabled={disabled}
          loading={run.isPending}
        >
          All {where}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconRefresh size={14} aria-hidden />} onClick={redrive}>
          Redrive all…
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={14} aria-hidden />} onClick={discard}>
          Discard all…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
