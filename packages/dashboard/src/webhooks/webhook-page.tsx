import { Button, Switch } from '@mantine/core';
import type { UpdateWebhook, Webhook, WebhookDelivery, WebhookWithSecret } from '@signalbox/client';
import { IconEdit, IconKey, IconSend, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { ActionButton } from '../ui/action-button.tsx';
import { Age } from '../ui/age.tsx';
import { Crumbs } from '../ui/crumbs.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatDateTime } from '../ui/format.ts';
import { LookBadge } from '../ui/look-badge.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { Page } from '../ui/page.tsx';
import { PageToCome } from '../ui/page-to-come.tsx';
import { RotateDialog } from '../ui/rotate-dialog.tsx';
import { DeliveriesPanel } from './deliveries-panel.tsx';
import { useWebhook, useWebhooksChanged } from './use-webhooks.ts';
import { WebhookDialog } from './webhook-dialog.tsx';
import { WEBHOOK_LOOKS, webhookState } from './webhook-looks.ts';
import { WebhookSecret } from './webhook-secret.tsx';
import classes from './webhooks.module.css';

const route = getRouteApi('/webhooks/$webhookId');
const STATUSES: readonly string[] = ['pending', 'delivered', 'failed'] satisfies WebhookDelivery['status'][];

/** One webhook: how it stands, and what was sent to it. */
export function WebhookPage() {
  const { webhookId } = route.useParams();
  const { data, error, refetch } = useWebhook(webhookId);
  if (data === undefined) {
    return (
      <PageToCome title="Webhook" error={error} onAgain={() => void refetch()}>
        <Link to="/webhooks">All webhooks</Link>
      </PageToCome>
    );
  }
  return <OneWebhook key={data.id} webhook={data} />;
}

function OneWebhook({ webhook }: { webhook: Webhook }) {
  const { client } = useApi();
  const navigate = useNavigate();
  const changed = useWebhooksChanged();
  const { status } = route.useSearch();
  const [asking, setAsking] = useState<'change' | 'rotate' | null>(null);
  const [made, setMade] = useState<WebhookWithSecret | null>(null);
  const state = webhookState(webhook);
  const shown = (rotated: WebhookWithSecret) => {
    setAsking(null);
    setMade(rotated);
  };
  const update = useMutation({
    mutationFn: (change: UpdateWebhook) => client.webhooks.update(webhook.id, webhook.version, change),
    onError: (error) => notifyProblem(error, 'The webhook was not changed'),
    onSettled: changed,
  });
  const test = useMutation({
    mutationFn: () => client.webhooks.test(webhook.id),
    onSuccess: ({ status: came, responseStatus, error }) =>
      came === 'delivered'
        ? notifyDone(`The test was taken with ${responseStatus}.`)
        : notifyProblem(new Error(error ?? `It was answered with ${responseStatus}.`), 'The test failed'),
    onError: (error) => notifyProblem(error, 'The test was not sent'),
    onSettled: changed,
  });
  const remove = useMutation({
    mutationFn: () => client.webhooks.delete(webhook.id, webhook.version),
    onSuccess: () => {
      notifyDone('The webhook is removed.');
      void navigate({ to: '/webhooks' });
    },
    onError: (error) => notifyProblem(error, 'The webhook was not removed'),
    onSettled: changed,
  });
  return (
    <Page
      title={webhook.description || webhook.url}
      crumbs={
        <Crumbs>
          <Link to="/webhooks">Webhooks</Link>
        </Crumbs>
      }
      note={<LookBadge look={WEBHOOK_LOOKS[state]} status={state} />}
      actions={
        <>
          <Switch
            size="sm"
            label="On"
            checked={webhook.enabled}
            onChange={(event) => update.mutate({ enabled: event.currentTarget.checked })}
          />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconSend size={14} aria-hidden />}
            loading={test.isPending}
            onClick={() => test.mutate()}
          >
            Send a test
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconEdit size={14} aria-hidden />}
            onClick={() => setAsking('change')}
          >
            Change…
          </Button>
          {webhook.format === 'standard' && (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconKey size={14} aria-hidden />}
              onClick={() => setAsking('rotate')}
            >
              Rotate…
            </Button>
          )}
          <ActionButton
            label="Remove…"
            icon={IconTrash}
            loading={remove.isPending}
            ask={{
              title: 'Remove the webhook?',
              body: 'Nothing more is sent to it, and what was sent is forgotten.',
              confirm: 'Remove webhook',
              grave: true,
              onConfirm: () => remove.mutate(),
            }}
          />
        </>
      }
    >
      {state === 'given_up' && (
        <p className={classes.reason} data-tone="danger" role="status">
          Switched off {formatDateTime(webhook.disabledAt)}: {webhook.disabledReason ?? 'it failed for too long'}.
          Switch it on again once it is mended; it goes on where it stopped.
        </p>
      )}
      <Facts>
        <Fact label="Address">{webhook.url}</Fact>
        <Fact label="Is told of">{webhook.events.includes('*') ? 'everything' : webhook.events.join(', ')}</Fact>
        <Fact label="Gets">{webhook.format === 'slack' ? 'messages to people' : 'signed JSON'}</Fact>
        <Fact label="Failing since">
          <Age since={webhook.failingSince} />
        </Fact>
        <Fact label="Made">
          <Age since={webhook.createdAt} />
          {webhook.createdBy !== null && ` by ${webhook.createdBy}`}
        </Fact>
      </Facts>
      <DeliveriesPanel
        webhookId={webhook.id}
        status={status !== undefined && STATUSES.includes(status) ? (status as WebhookDelivery['status']) : null}
        onStatus={(wanted) =>
          void navigate({
            to: '/webhooks/$webhookId',
            params: { webhookId: webhook.id },
            search: { status: wanted ?? undefined },
            replace: true,
          })
        }
      />
      {asking === 'change' && <WebhookDialog webhook={webhook} onMade={shown} onClose={() => setAsking(null)} />}
      {asking === 'rotate' && (
        <RotateDialog
          name={webhook.description || 'the secret'}
          about="Its messages are signed with another secret from now on."
          label="How long they bear the signature of the one before as well"
          confirm="Rotate secret"
          rotate={(graceSeconds) => client.webhooks.rotateSecret(webhook.id, webhook.version, { graceSeconds })}
          onMade={shown}
          onSettled={changed}
          onClose={() => setAsking(null)}
        />
      )}
      {made !== null && <WebhookSecret made={made} onClose={() => setMade(null)} />}
    </Page>
  );
}
