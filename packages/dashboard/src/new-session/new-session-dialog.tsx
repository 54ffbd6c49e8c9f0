import {
  Autocomplete,
  Button,
  Checkbox,
  Group,
  Modal,
  NumberInput,
  Select,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useWorkspaces } from '../sessions/use-workspace-names.ts';
import { PRIORITIES } from '../ui/priority.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { createFromForm, EMPTY_FORM, formErrors, type NewSessionForm, runtimeChoices } from './new-session-form.ts';

/** Makes a session and shows it. */
export default function NewSessionDialog({ onClose }: { onClose: () => void }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const workspaces = useWorkspaces();
  const known = workspaces.data?.items ?? [];
  const runtimes = useQuery({ queryKey: keys.runtimes(), queryFn: ({ signal }) => client.server.runtimes({ signal }) });
  const [form, setForm] = useState<NewSessionForm>(EMPTY_FORM);
  const [tried, setTried] = useState(false);
  const errors = tried ? formErrors(form) : {};
  const set = <Field extends keyof NewSessionForm>(field: Field, value: NewSessionForm[Field]) =>
    setForm((before) => ({ ...before, [field]: value }));

  const create = useMutation({
    mutationFn: () => createFromForm(client, form, known),
    onSuccess: (session) => {
      void queries.invalidateQueries({ queryKey: keys.all(project) });
      onClose();
      void navigate({ to: '/sessions/$sessionId', params: { sessionId: session.id } });
    },
  });

  return (
    <Modal opened onClose={onClose} title="New session" size="lg" closeOnClickOutside={false}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (Object.keys(formErrors(form)).length === 0) create.mutate();
        }}
      >
        <Stack gap="sm">
          <TextInput
            label="Title"
            placeholder="Mend the rounding in invoices"
            data-autofocus
            required
            value={form.title}
            error={errors.title}
            onChange={(event) => set('title', event.currentTarget.value)}
          />
          <Group grow align="flex-start">
            <Select
              label="Runtime"
              data={runtimeChoices(runtimes.data?.items)}
              value={form.runtime}
              allowDeselect={false}
              onChange={(value) => set('runtime', value ?? 'command')}
            />
            <Select
              label="Priority"
              data={[...PRIORITIES]}
              value={form.priority}
              allowDeselect={false}
              onChange={(value) => set('priority', value ?? '2')}
            />
            <NumberInput
              label="Time limit, minutes"
              min={1}
              max={1440}
              value={form.maxMinutes}
              onChange={(value) => set('maxMinutes', typeof value === 'number' ? value : 60)}
            />
          </Group>
          <Autocomplete
            label="Workspace"
            description="A directory on the server’s machine. A new path becomes a new workspace."
            placeholder="/home/me/project"
            required
            data={known.map(({ path }) => path)}
            value={form.workspacePath}
            error={errors.workspacePath}
            onChange={(value) => set('workspacePath', value)}
          />
          {form.runtime === 'command' && (
            <TextInput
              label="Command"
              description="Split into words as a shell does, and run without one."
              placeholder="npm test"
              required
              value={form.command}
              error={errors.command}
              onChange={(event) => set('command', event.currentTarget.value)}
            />
          )}
          <Textarea
            label="Prompt"
            description={form.runtime === 'command' ? 'What it is for; the command is run either way.' : undefined}
            placeholder="The totals in src/invoice.ts are off by a cent. Find out why and mend it."
            autosize
            minRows={3}
            maxRows={10}
            required={form.runtime !== 'command'}
            value={form.prompt}
            error={errors.prompt}
            onChange={(event) => set('prompt', event.currentTarget.value)}
          />
          <Checkbox
            label="Start it at once"
            checked={form.start}
            onChange={(event) => set('start', event.currentTarget.checked)}
          />
          {create.error !== null && <ProblemNote error={create.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button type="submit" loading={create.isPending}>
              {form.start ? 'Create and start' : 'Create'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
