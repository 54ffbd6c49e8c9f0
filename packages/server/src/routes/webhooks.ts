import type { Webhooks } from '@signalbox/core';
import * as contract from '../contract/webhooks.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage } from './numbered-page.ts';

export function webhookRoutes(serve: Serve, webhooks: Webhooks): void {
  serve(contract.listWebhooks, ({ query }, { projectId }) =>
    numberedPage(query, (page, pageSize) => webhooks.list(projectId, page, pageSize)),
  );
  serve(contract.createWebhook, async ({ body }, { projectId, actor }) => {
    const { webhook, secret } = await webhooks.create(projectId, body, actor);
    return { ...webhook, secret };
  });
  serve(contract.getWebhook, ({ params }, { projectId }) => webhooks.get(projectId, params.id));
  serve(contract.updateWebhook, ({ params, body, version }, { projectId, actor }) =>
    webhooks.update(projectId, params.id, version, body, actor),
  );
  serve(contract.deleteWebhook, ({ params, version }, { projectId, actor }) =>
    webhooks.delete(projectId, params.id, version, actor),
  );
  serve(contract.rotateWebhookSecret, async ({ params, body, version }, { projectId, actor }) => {
    const { webhook, secret } = await webhooks.rotate(projectId, params.id, version, body, actor);
    return { ...webhook, secret };
  });
  serve(contract.testWebhook, ({ params }, { projectId, actor }) => webhooks.test(projectId, params.id, actor));
  serve(contract.listWebhookDeliveries, ({ params, query }, { projectId }) =>
    numberedPage(query, (page, pageSize) =>
      webhooks.deliveries(projectId, params.id, query.status ?? null, page, pageSize),
    ),
  );
  serve(contract.redriveWebhookDelivery, ({ params }, { projectId, actor }) =>
    webhooks.redrive(projectId, params.id, params.deliveryId, actor),
  );
}
