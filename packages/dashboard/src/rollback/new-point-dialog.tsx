import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useWorkspaces } from '../sessions/use-workspace-names.ts';
import { notifyDone } from '../ui/notify.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';

const DAY_MS = 86_400_000;
const LIVES = [
  { value: 'usual', label: 'As usual' },
  { value: String(DAY_MS), label: 'A day' },
  { value: String(7 * DAY_MS), label: 'A week' },
  { value: String(30 * DAY_MS), label: '30 days' },
  { value: 'never', label: 'Until it is deleted' },
];

/** Captures how everything is, under a name. */
export function NewPointDialog({ onClose }: { onClose: () => void }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const workspaces = useWorkspaces();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [workspaceId, setWorkspaceId] = useState<string | null>(null);
  const [life, setLife] = useState('usual');
  const make = useMutation({
    mutationFn: () =>
      client.rollback.create({
        name: name.trim(),
        ...(description.trim() === '' ? {} : { description: description.trim() }),
        ...(workspaceId === null ? {} : { workspaceId }),
        ...(life === 'usual' ? {} : { ttl: life === 'never' ? null : Number(life) }),
      }),
    onSuccess: (point) => {
      void queries.invalidateQueries({ queryKey: keys.rollback(project) });
      notifyDone(`${point.name} is there to go back to.`);
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title="New rollback point">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Stack gap="sm">
          <TextInput
            label="Name"
            required
            maxLength={200}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Textarea
            label="Description"
            autosize
            minRows={2}
            maxRows={6}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <Select
            label="Files of"
            description="How the project is set up is always in it"
            placeholder="No workspace"
            data={(workspaces.data?.items ?? []).map((each) => ({ value: each.id, label: each.name }))}
            value={workspaceId}
            onChange={setWorkspaceId}
            clearable
            searchable
          />
          <Select
            label="Keep it"
            data={LIVES}
            value={life}
            onChange={(value) => setLife(value ?? 'usual')}
            allowDeselect={false}
          />
          {make.error !== null && <ProblemNote error={make.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button type="submit" loading={make.isPending}>
              Make the point
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
