import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import type { CreatedApiKey, Role } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { LIFETIMES, secondsOf } from './key-state.ts';
import { useKeysChanged } from './use-keys.ts';

/** From least to most, with what each adds to those before it. */
const ROLES: readonly { value: Role; label: string }[] = [
  { value: 'viewer', label: 'viewer: sees everything' },
  { value: 'agent', label: 'agent: works, and asks' },
  { value: 'approver', label: 'approver: answers approvals' },
  { value: 'operator', label: 'operator: steers sessions, queues and policies' },
  { value: 'admin', label: 'admin: makes keys and webhooks' },
];

/** Makes a key; its secret is shown afterwards, this once. */
export function NewKeyDialog({ onMade, onClose }: { onMade: (made: CreatedApiKey) => void; onClose: () => void }) {
  const { client } = useApi();
  const changed = useKeysChanged();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('agent');
  const [lifetime, setLifetime] = useState(String(90 * 86_400));
  const [tried, setTried] = useState(false);
  const missing = name.trim() === '';
  const create = useMutation({
    mutationFn: () => client.keys.create({ name, role, expiresInSeconds: secondsOf(lifetime) }),
    onSuccess: onMade,
    onSettled: changed,
  });
  return (
    <Modal opened onClose={onClose} title="New key" centered>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!missing) create.mutate();
        }}
      >
        <Stack gap="sm">
          <TextInput
            label="Name"
            description="Who or what uses it; the audit names it so"
            value={name}
            error={tried && missing ? 'Say whose it is.' : undefined}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={100}
            required
            data-autofocus
          />
          <Select
            label="Role"
            data={[...ROLES]}
            value={role}
            allowDeselect={false}
            onChange={(value) => setRole((value ?? 'agent') as Role)}
          />
          <Select
            label="It works for"
            data={LIFETIMES}
            value={lifetime}
            allowDeselect={false}
            onChange={(value) => setLifetime(value ?? 'never')}
          />
          {create.error !== null && <ProblemNote error={create.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button type="submit" loading={create.isPending}>
              Make the key
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
