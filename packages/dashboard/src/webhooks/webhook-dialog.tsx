import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import type { Webhook, WebhookWithSecret } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { notifyDone } from '../ui/notify.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { useWebhooksChanged } from './use-webhooks.ts';

const FORMATS: readonly { value: Webhook['format']; label: string }[] = [
  { value: 'standard', label: 'signed JSON, as Standard Webhooks says' },
  { value: 'slack', label: 'messages to people, as Slack takes them' },
];

interface Props {
  /** Null: a new one is made. */
  webhook: Webhook | null;
  onMade: (made: WebhookWithSecret) => void;
  onClose: () => void;
}

/** Makes a webhook, or changes one. Its address may be secret: it is shown no more, and left empty it stays. */
export function WebhookDialog({ webhook, onMade, onClose }: Props) {
  const { client } = useApi();
  const changed = useWebhooksChanged();
  const [url, setUrl] = useState('');
  const [description, setDescription] = useState(webhook?.description ?? '');
  const [events, setEvents] = useState((webhook?.events ?? ['*']).join(', '));
  const [format, setFormat] = useState<Webhook['format']>('standard');
  const [tried, setTried] = useState(false);
  const missing = webhook === null && url.trim() === '';
  const subjects = events.split(/[\s,]+/).filter((word) => word !== '');
  const save = useMutation({
    mutationFn: async () => {
      const wanted = { description, events: subjects };
      if (webhook === null) return onMade(await client.webhooks.create({ url: url.trim(), format, ...wanted }));
      const change = url.trim() === '' ? wanted : { ...wanted, url: url.trim() };
      await client.webhooks.update(webhook.id, webhook.version, change);
      notifyDone('The webhook is changed.');
      onClose();
    },
    onSettled: changed,
  });
  return (
    <Modal opened onClose={onClose} title={webhook === null ? 'New webhook' : 'Change the webhook'} centered>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!missing && subjects.length > 0) save.mutate();
        }}
      >
        <Stack gap="sm">
          <TextInput
            label="Address"
            description={
              webhook === null ? 'https, and none of a private network' : `Now ${webhook.url}; empty: it stays`
            }
            placeholder="https://"
            value={url}
            error={tried && missing ? 'Say where to.' : undefined}
            onChange={(event) => setUrl(event.currentTarget.value)}
            maxLength={2000}
            required={webhook === null}
            data-autofocus
          />
          <TextInput
            label="What it is told of"
            description="* for everything, a topic such as session, or a kind such as session.failed"
            value={events}
            error={tried && subjects.length === 0 ? 'Name at least one.' : undefined}
            onChange={(event) => setEvents(event.currentTarget.value)}
            required
          />
          <TextInput
            label="What it is for"
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
            maxLength={500}
          />
          {webhook === null && (
            <Select
              label="It gets"
              data={[...FORMATS]}
              value={format}
              allowDeselect={false}
              onChange={(value) => setFormat((value ?? 'standard') as Webhook['format'])}
            />
          )}
          {save.error !== null && <ProblemNote error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button type="submit" loading={save.isPending}>
              {webhook === null ? 'Make the webhook' : 'Change the webhook'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
