import { Button, Group, Modal, Select, Stack } from '@mantine/core';
import type { ApiKey, CreatedApiKey } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { GRACES } from './key-state.ts';
import classes from './keys.module.css';
import { useKeysChanged } from './use-keys.ts';

interface Props {
  apiKey: ApiKey;
  onMade: (made: CreatedApiKey) => void;
  onClose: () => void;
}

/** Gives a key another secret. Names the version looked at: a change meanwhile refuses it. */
export function RotateDialog({ apiKey, onMade, onClose }: Props) {
  const { client } = useApi();
  const changed = useKeysChanged();
  const [grace, setGrace] = useState('3600');
  const rotate = useMutation({
    mutationFn: () => client.keys.rotate(apiKey.id, apiKey.version, { graceSeconds: Number(grace) }),
    onSuccess: onMade,
    onSettled: changed,
  });
  return (
    <Modal opened onClose={onClose} title={`Rotate ${apiKey.name}?`} centered>
      <Stack gap="sm">
        <p className={classes.about}>It gets another secret. Name, role and expiry stay.</p>
        <Select
          label="How long the secret before still works"
          data={GRACES}
          value={grace}
          allowDeselect={false}
          onChange={(value) => setGrace(value ?? '0')}
          data-autofocus
        />
        {rotate.error !== null && <ProblemNote error={rotate.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Go back
          </Button>
          <Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
            Rotate key
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
