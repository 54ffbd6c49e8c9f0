import { Button } from '@mantine/core';
import { IconBan, IconRefresh, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import classes from '../list/bulk-bar.module.css';
import { type BulkOutcome, oneByOne, reasons } from '../list/one-by-one.ts';
import { confirm } from '../ui/confirm.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';

/** What can be done with the sessions selected. What the server leaves out is said, with its reasons. */
export function BulkBar({ selected, onClear }: { selected: ReadonlySet<string>; onClear: () => void }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const ids = [...selected];
  const run = useMutation({
    mutationFn: ({ act }: { act: () => Promise<BulkOutcome>; done: string }) => act(),
    onSuccess: (outcome, { done }) => {
      notifyDone(
        `${outcome.changed} ${done}${outcome.skipped.length > 0 ? `, ${outcome.skipped.length} left as they were` : ''}.`,
      );
      if (outcome.skipped.length > 0) notifyProblem(new Error(reasons(outcome)), 'Left as they were');
      onClear();
    },
    onError: (error) => notifyProblem(error, 'Nothing was changed'),
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.sessionList(project) }),
  });
  const many = ids.length === 1 ? 'one session' : `${ids.length} sessions`;

  const cancel = () =>
    confirm({
      title: `Cancel ${many}?`,
      body: 'What runs is ended with everything it started. What has ended already stays as it is. A cancelled session cannot be retried.',
      confirm: `Cancel ${many}`,
      grave: true,
      onConfirm: () => run.mutate({ act: () => client.sessions.setStatus(ids, 'cancelled'), done: 'cancelled' }),
    });
  const retry = () =>
    confirm({
      title: `Retry ${many}?`,
      body: 'Those that failed, timed out, were orphaned or partly completed go on with a new attempt from their last checkpoint.',
      confirm: `Retry ${many}`,
      onConfirm: () =>
        run.mutate({ act: () => oneByOne(ids, (id) => client.sessions.retry(id)), done: 'set going again' }),
    });

  return (
    <div className={classes.bar} role="toolbar" aria-label="Selected sessions">
      <strong>{ids.length} selected</strong>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconRefresh size={14} aria-hidden />}
        onClick={retry}
        loading={run.isPending}
      >
        Retry
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconBan size={14} aria-hidden />}
        onClick={cancel}
        loading={run.isPending}
      >
        Cancel sessions
      </Button>
      <Button size="xs" variant="subtle" leftSection={<IconX size={14} aria-hidden />} onClick={onClear}>
        Clear selection
      </Button>
    </div>
  );
}
