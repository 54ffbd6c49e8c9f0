import { Button, Select } from '@mantine/core';
import type { WebhookDelivery } from '@signalbox/client';
import { IconMailbox } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { Age } from '../ui/age.tsx';
import { Blank } from '../ui/blank.tsx';
import { formatDuration, NOTHING } from '../ui/format.ts';
import { Listed } from '../ui/listed.tsx';
import { LookBadge } from '../ui/look-badge.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import { Until } from '../ui/until.tsx';
import { useDeliveries, useWebhooksChanged } from './use-webhooks.ts';
import { DELIVERY_LOOKS } from './webhook-looks.ts';
import classes from './webhooks.module.css';

interface Props {
  webhookId: string;
  status: WebhookDelivery['status'] | null;
  onStatus: (status: WebhookDelivery['status'] | null) => void;
}

/** What was sent, and what came of it; what was refused can be sent again. */
export function DeliveriesPanel({ webhookId, status, onStatus }: Props) {
  const list = useDeliveries(webhookId, status);
  return (
    <Panel
      title="Messages"
      note={
        <Select
          aria-label="Which messages"
          size="xs"
          data={[
            { value: 'all', label: 'all' },
            { value: 'pending', label: 'waiting' },
            { value: 'delivered', label: 'delivered' },
            { value: 'failed', label: 'failed' },
          ]}
          value={status ?? 'all'}
          allowDeselect={false}
          onChange={(value) => onStatus(value === 'all' ? null : (value as WebhookDelivery['status']))}
          className={classes.which}
        />
      }
    >
      <Listed
        list={list}
        blank={
          <Blank icon={<IconMailbox size={28} />} title={status === null ? 'Nothing was sent yet' : 'None of these'}>
            {status === null ? 'It is told of what happens from now on; a test shows whether it can be.' : null}
          </Blank>
        }
      >
        <DeliveryTable webhookId={webhookId} deliveries={list.items} />
      </Listed>
    </Panel>
  );
}

function DeliveryTable({ webhookId, deliveries }: { webhookId: string; deliveries: readonly WebhookDelivery[] }) {
  const { client } = useApi();
  const changed = useWebhooksChanged();
  const again = useMutation({
    mutationFn: ({ id }: WebhookDelivery) => client.webhooks.redrive(webhookId, id),
    onSuccess: (_answer, { type }) => notifyDone(`${type} is sent again.`),
    onError: (error) => notifyProblem(error, 'It is not sent again'),
    onSettled: changed,
  });
  return (
    <div className={table.scroll}>
      <table className={table.table} aria-label="Messages sent">
        <thead>
          <tr>
            <th>Message</th>
            <th>State</th>
            <th>Tries</th>
            <th>Answer</th>
            <th>Took</th>
            <th>Made</th>
            <th>Next try</th>
            <th>
              <span className={table.hidden}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map((delivery) => (
            <tr key={delivery.id} data-delivery={delivery.id}>
              <td className={table.strong}>{delivery.type}</td>
              <td>
                <LookBadge look={DELIVERY_LOOKS[delivery.status]} status={delivery.status} />
              </td>
              <td>{delivery.attempts}</td>
              <td className={classes.answer}>
                {delivery.responseStatus ?? NOTHING}
                {delivery.error !== null && <div className={table.muted}>{delivery.error}</div>}
              </td>
              <td>{delivery.latencyMs === null ? NOTHING : formatDuration(delivery.latencyMs / 1000)}</td>
              <td>
                <Age since={delivery.createdAt} />
              </td>
              <td>{delivery.nextAttemptAt === null ? NOTHING : <Until at={delivery.nextAttemptAt} past="now" />}</td>
              <td className={table.act}>
                {delivery.status !== 'pending' && delivery.kind !== 'test' && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`Send ${delivery.type} again`}
                    loading={again.isPending && again.variables.id === delivery.id}
                    onClick={() => again.mutate(delivery)}
                  >
                    Send again
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
