import { Button } from '@mantine/core';
import type { Webhook, WebhookWithSecret } from '@signalbox/client';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { Age } from '../ui/age.tsx';
import { Blank } from '../ui/blank.tsx';
import { Listed } from '../ui/listed.tsx';
import { LookBadge } from '../ui/look-badge.tsx';
import { Page, Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import { useRowKeys } from '../ui/use-row-keys.ts';
import { useWebhooks } from './use-webhooks.ts';
import { WebhookDialog } from './webhook-dialog.tsx';
import { WEBHOOK_LOOKS, webhookState } from './webhook-looks.ts';
import { WebhookSecret } from './webhook-secret.tsx';

/** Where changes of the project are told. */
export function WebhooksPage() {
  const list = useWebhooks();
  const [asking, setAsking] = useState(false);
  const [made, setMade] = useState<WebhookWithSecret | null>(null);
  const total = list.total ?? 0;
  return (
    <Page
      title="Webhooks"
      actions={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setAsking(true)}
        >
          New webhook
        </Button>
      }
    >
      <Listed
        list={list}
        blank={
          <Blank icon={<IconWebhook size={28} />} title="No webhooks yet">
            Programs elsewhere, and people in Slack, can be told of what happens here as it happens: make one here, or
            with <code>signalbox webhooks create</code>.
          </Blank>
        }
      >
        <Panel
          title={`${total} ${total === 1 ? 'webhook' : 'webhooks'}`}
          note="secrets are shown once, when they are made"
        >
          <WebhookTable webhooks={list.items} />
        </Panel>
      </Listed>
      {asking && (
        <WebhookDialog
          webhook={null}
          onMade={(created) => {
            setAsking(false);
            setMade(created);
          }}
          onClose={() => setAsking(false)}
        />
      )}
      {made !== null && <WebhookSecret made={made} onClose={() => setMade(null)} />}
    </Page>
  );
}

function WebhookTable({ webhooks }: { webhooks: readonly Webhook[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Address</th>
            <th>State</th>
            <th>Is told of</th>
            <th>Gets</th>
            <th>Changed</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {webhooks.map((webhook) => {
            const state = webhookState(webhook);
            return (
              <tr key={webhook.id} data-webhook={webhook.id}>
                <td className={table.strong}>
                  <Link to="/webhooks/$webhookId" params={{ webhookId: webhook.id }} data-row>
                    {webhook.url}
                  </Link>
                  {webhook.description !== '' && <div className={table.muted}>{webhook.description}</div>}
                </td>
                <td>
                  <LookBadge look={WEBHOOK_LOOKS[state]} status={state} />
                </td>
                <td>{webhook.events.includes('*') ? 'everything' : webhook.events.join(', ')}</td>
                <td>{webhook.format === 'slack' ? 'messages to people' : 'signed JSON'}</td>
                <td>
                  <Age since={webhook.updatedAt} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
