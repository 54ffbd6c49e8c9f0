import { Button, Loader, UnstyledButton } from '@mantine/core';
import type { Checkpoint, Session } from '@signalbox/client';
import { IconChevronDown, IconChevronRight, IconFlagOff, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { Blank } from '../ui/blank.tsx';
import { confirm } from '../ui/confirm.tsx';
import { formatDateTime } from '../ui/format.ts';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { availableActions } from './available-actions.ts';
import classes from './checkpoints-tab.module.css';
import entry from './entry.module.css';

/** Resume points, newest first; a session that can be retried can go on from any of them. */
export default function CheckpointsTab({ session }: { session: Session }) {
  const { client, project } = useApi();
  const { data, error } = useQuery({
    queryKey: keys.sessionPart(project, session.id, 'checkpoints'),
    queryFn: ({ signal }) => client.checkpoints.list(session.id, { pageSize: 100, sortOrder: 'desc' }, { signal }),
  });
  if (error !== null && data === undefined) return <ProblemNote error={error} />;
  if (data === undefined) return <Loader size="sm" m="lg" aria-label="Loading the checkpoints" />;
  if (data.items.length === 0) {
    return (
      <Blank icon={<IconFlagOff size={26} />} title="No checkpoint was set">
        Agents set them with <code>POST /sessions/{'{id}'}/checkpoints</code>; runtimes set them by themselves where
        they can.
      </Blank>
    );
  }
  return (
    <div className={classes.tab}>
      {data.total > data.items.length && (
        <p className={entry.muted}>
          The {data.items.length} latest of {data.total}.
        </p>
      )}
      <ol className={classes.list}>
        {data.items.map((checkpoint) => (
          <OneCheckpoint key={checkpoint.id} checkpoint={checkpoint} session={session} />
        ))}
      </ol>
    </div>
  );
}

function OneCheckpoint({ checkpoint, session }: { checkpoint: Checkpoint; session: Session }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const retry = useMutation({
    mutationFn: () =>
      client.sessions.retry(session.id, { fromCheckpoint: checkpoint.sequence }, { version: session.version }),
    onSuccess: () => notifyDone(`Goes on from checkpoint ${checkpoint.sequence}`),
    onError: (error) => notifyProblem(error, 'Retry was refused'),
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.session(project, session.id) }),
  });
  return (
    <li className={classes.checkpoint}>
      <div className={classes.line}>
        <UnstyledButton className={classes.toggle} onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? <IconChevronDown size={13} aria-hidden /> : <IconChevronRight size={13} aria-hidden />}
          <span className={entry.strong}>Checkpoint {checkpoint.sequence}</span>
          <span className={entry.muted}>
            {formatDateTime(checkpoint.createdAt)}, after event {checkpoint.journalSeq}
          </span>
        </UnstyledButton>
        {availableActions(session).includes('retry') && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconRefresh size={13} aria-hidden />}
            loading={retry.isPending}
            onClick={() =>
              confirm({
                title: `Retry from checkpoint ${checkpoint.sequence}?`,
                body: 'A new attempt begins there. Checkpoints after it stay in the record.',
                confirm: 'Retry from here',
                onConfirm: () => retry.mutate(),
              })
            }
          >
            Retry from here
          </Button>
        )}
      </div>
      {open && (
        <pre className={entry.block}>
          {JSON.stringify({ data: checkpoint.data, metadata: checkpoint.metadata }, null, 2)}
        </pre>
      )}
    </li>
  );
}
