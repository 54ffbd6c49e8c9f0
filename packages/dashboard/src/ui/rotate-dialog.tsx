import { Button, Group, Modal, Select, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemNote } from './problem-note.tsx';
import classes from './secret-dialog.module.css';

/** How long the secret before a rotation may still be used. */
const GRACES = [
  { value: '0', label: 'Not at all' },
  { value: '3600', label: 'An hour' },
  { value: '86400', label: 'A day' },
  { value: '604800', label: 'A week' },
];

interface Props<Made> {
  name: string;
  /** What else becomes of it. */
  about: string;
  /** What the choice of a time is about. */
  label: string;
  /** The verb on the button that does it. */
  confirm: string;
  rotate: (graceSeconds: number) => Promise<Made>;
  onMade: (made: Made) => void;
  onSettled: () => void;
  onClose: () => void;
}

/** Gives something another secret. `rotate` names the version looked at: a change meanwhile refuses it. */
export function RotateDialog<Made>({ name, about, label, confirm, rotate, onMade, onSettled, onClose }: Props<Made>) {
  const [grace, setGrace] = useState('3600');
  const change = useMutation({ mutationFn: () => rotate(Number(grace)), onSuccess: onMade, onSettled });
  return (
    <Modal opened onClose={onClose} title={`Rotate ${name}?`} centered>
      <Stack gap="sm">
        <p className={classes.about}>{about}</p>
        <Select
          label={label}
          data={GRACES}
          value={grace}
          allowDeselect={false}
          onChange={(value) => setGrace(value ?? '0')}
          data-autofocus
        />
        {change.error !== null && <ProblemNote error={change.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Go back
          </Button>
          <Button loading={change.isPending} onClick={() => change.mutate()}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
