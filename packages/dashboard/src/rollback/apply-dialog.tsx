import { Button, Checkbox, Group, Modal, Stack } from '@mantine/core';
import type { RollbackPreview, StartRollback } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { formatDuration } from '../ui/format.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import classes from '../undo/undo-preview.module.css';
import { counted } from '../undo/undo-words.ts';
import { strategyWord } from './rollback-looks.ts';

interface Props {
  plan: RollbackPreview;
  onStart: (how: Pick<StartRollback, 'backup'>) => Promise<unknown>;
  onClose: () => void;
}

/** Asks before anything is changed. */
export function ApplyDialog({ plan, onStart, onClose }: Props) {
  const { strategy, totalChanges, estimatedDuration, changesByType, potentialConflicts } = plan;
  const [backup, setBackup] = useState(true);
  const [sure, setSure] = useState(false);
  const act = useMutation({ mutationFn: () => onStart({ backup }) });
  const grave = strategy === 'force';
  const { create, update, delete: gone, move } = changesByType;
  const parts = [
    create > 0 ? `${create} brought back` : null,
    update > 0 ? `${update} set back` : null,
    gone > 0 ? `${gone} removed` : null,
    move > 0 ? `${move} moved` : null,
  ].filter((part) => part !== null);
  return (
    <Modal opened onClose={onClose} title="Roll back?" centered>
      <Stack gap="sm">
        <div className={classes.question}>
          {counted(totalChanges, 'change')}: {parts.join(', ')}. Strategy: {strategyWord(strategy).toLowerCase()}, about{' '}
          {formatDuration(estimatedDuration / 1000)}.
          {potentialConflicts.length > 0 && ` ${counted(potentialConflicts.length, 'conflict')} will be met as chosen.`}
        </div>
        {strategy === 'safe' ? (
          <div className={classes.question}>A point of how everything is now is made first, so it can be undone.</div>
        ) : (
          <Checkbox
            size="xs"
            label="Make a point of how everything is now first"
            description="Without one this rollback cannot be undone"
            checked={backup}
            onChange={(event) => setBackup(event.currentTarget.checked)}
          />
        )}
        {grave && (
          <Checkbox
            size="xs"
            label="Overwrite whatever is there, also what others changed since"
            checked={sure}
            onChange={(event) => setSure(event.currentTarget.checked)}
          />
        )}
        {act.error !== null && <ProblemNote error={act.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Go back
          </Button>
          <Button color="red.8" loading={act.isPending} disabled={grave && !sure} onClick={() => act.mutate()}>
            Roll back {counted(totalChanges, 'change')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
