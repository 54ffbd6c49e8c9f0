import { Button, Checkbox, Group, Modal, Stack } from '@mantine/core';
import type { CreateUndo, UndoPlan } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemNote } from '../ui/problem-note.tsx';
import type { Outcome } from './undo-looks.ts';
import classes from './undo-preview.module.css';
import { counted } from './undo-words.ts';

export type HowToUndo = Pick<CreateUndo, 'force' | 'asCommit' | 'expectedPlan'>;

interface Props {
  verb: 'Undo' | 'Redo';
  counts: Readonly<Record<Outcome, number>>;
  commits: UndoPlan['commits'];
  onStart: (how: HowToUndo) => Promise<unknown>;
  /** Told of a refusal; true where it has been dealt with. */
  onRefused: (error: unknown) => boolean;
  onClose: () => void;
}

/** Asks before files are written, and how. */
export function StartDialog({ verb, counts, commits, onStart, onRefused, onClose }: Props) {
  const [asCommit, setAsCommit] = useState(false);
  const [force, setForce] = useState(false);
  const act = useMutation({
    mutationFn: () => onStart({ asCommit, force }),
    onError: (error) => onRefused(error),
  });
  const writes = counts.restored + counts.merged;
  return (
    <Modal opened onClose={onClose} title={`${verb} this?`} centered>
      <Stack gap="sm">
        <div className={classes.question}>
          {counted(writes, 'file')} will be written: {counts.restored} restored, {counts.merged} merged
          {counts.kept > 0 && `; ${counts.kept} kept as now`}. Running sessions that it is about are paused meanwhile,
          and tool calls of others wait. It can be taken back.
        </div>
        {commits.length > 0 && (
          <div className={classes.question}>
            {counted(commits.length, 'commit')} made on the way will stay: only the files go back.
          </div>
        )}
        <Checkbox
          size="xs"
          label="Also commit the files to the repository"
          checked={asCommit}
          onChange={(event) => setAsCommit(event.currentTarget.checked)}
        />
        <Checkbox
          size="xs"
          label="Do not wait for running tool calls"
          description="Beyond 30 seconds it writes all the same"
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
        />
        {act.error !== null && <ProblemNote error={act.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Go back
          </Button>
          <Button color="red.8" loading={act.isPending} onClick={() => act.mutate()}>
            {verb} {counted(writes, 'file')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
