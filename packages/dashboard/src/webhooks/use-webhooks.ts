import type { Webhook, WebhookDelivery } from '@signalbox/client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { type Pages, usePages } from '../api/use-pages.ts';

const PAGE_SIZE = 50;
/** The feed tells of webhooks, and not of each message to one: these are looked at. */
const LOOK_MS = 3_000;

export function useWebhooks(): Pages<Webhook> {
  const { client, project } = useApi();
  return usePages({
    queryKey: [...keys.webhooks(project), 'list'],
    read: (page, signal) => client.webhooks.list({ page, pageSize: PAGE_SIZE }, { signal }),
  });
}

export function useWebhook(id: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.webhooks(project), 'one', id],
    queryFn: ({ signal }) => client.webhooks.get(id, { signal }),
  });
}

/** What was sent to one, the newest first. */
export function useDeliveries(id: string, status: WebhookDelivery['status'] | null): Pages<WebhookDelivery> {
  const { client, project } = useApi();
  return usePages({
    queryKey: [...keys.webhooks(project), 'deliveries', id, status],
    read: (page, signal) =>
      client.webhooks.deliveries(id, { page, pageSize: PAGE_SIZE, ...(status === null ? {} : { status }) }, { signal }),
    everyMs: LOOK_MS,
  });
}

export function useWebhooksChanged(): () => void {
  const { project } = useApi();
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: keys.webhooks(project) });
}
