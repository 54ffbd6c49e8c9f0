import { Button, Group, Modal, NumberInput, Stack } from '@mantine/core';
import { ApiError, type Queue } from '@signalbox/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { notifyDone } from '../ui/notify.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { type LimitsForm, limitsFormOf, limitsOf } from './limits-form.ts';

/**
 * The limits of a queue. They are saved over the version that the dialog was opened with: if somebody else was faster, that
 * is told, and the next save is over what they left.
 */
export function LimitsDialog({ queue, onClose }: { queue: Queue; onClose: () => void }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const [form, setForm] = useState(() => limitsFormOf(queue));
  const [version, setVersion] = useState(queue.version);
  const save = useMutation({
    mutationFn: () => client.queues.update(queue.name, version, limitsOf(form)),
    onSuccess: (changed) => {
      queries.setQueryData(keys.queue(project, queue.name), changed);
      notifyDone(`The limits of ${queue.name} are set.`);
      onClose();
    },
    onError: async (error) => {
      if (!ApiError.is(error) || error.status !== 412) return;
      const now = await client.queues.get(queue.name);
      setVersion(now.version);
      setForm(limitsFormOf(now));
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.queues(project) }),
  });
  const field = (name: keyof LimitsForm, label: string, description: string, empty = 'no limit', decimals = false) => (
    <NumberInput
      label={label}
      description={description}
      min={decimals ? 0.001 : 1}
      allowDecimal={decimals}
      allowNegative={false}
      placeholder={empty}
      value={form[name]}
      onChange={(value) => setForm((before) => ({ ...before, [name]: String(value) }))}
    />
  );
  return (
    <Modal opened onClose={onClose} title={`Limits of ${queue.name}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="sm">
          {field('maxConcurrent', 'At once', 'Tasks worked on at the same time; work under way counts')}
          {field('maxConcurrentPerKey', 'At once for each key', 'The same for tasks that share a concurrency key')}
          <Group grow align="start">
            {field('rateLimit', 'Rate', 'Tasks begun')}
            {field('rateSeconds', 'Seconds', 'in this many', '1', true)}
          </Group>
          {save.error !== null && <ProblemNote error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save limits
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
