import {
  createWebhookSchema,
  deliveryStatusSchema,
  rotateWebhookSchema,
  updateWebhookSchema,
  uuidSchema,
  webhookDeliverySchema,
  webhookSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'webhooks';
const params = z.strictObject({ id: uuidSchema });

export const webhookPageSchema = pageOf(webhookSchema);
export const webhookDeliveryPageSchema = pageOf(webhookDeliverySchema);
/** `secret` is shown this once; null where a repeated request with the same Idempotency-Key is answered. */
export const webhookWithSecretSchema = webhookSchema.extend({ secret: z.string().nullable() });

export const listWebhooks = operation({
  id: 'listWebhooks',
  method: 'GET',
  path: '/webhooks',
  tag,
  summary: 'List webhooks',
  role: 'operator',
  query: pageQuerySchema,
  answer: { status: 200, about: 'A page of webhooks, oldest first.', schema: webhookPageSchema },
});

export const createWebhook = operation({
  id: 'createWebhook',
  method: 'POST',
  path: '/webhooks',
  tag,
  summary: 'Have changes told to an address',
  description:
    'From now on each change of the project that it subscribes to (`*`, a topic such as `session`, or a kind such as `session.failed`) is sent to it at least once and in order, signed as the Standard Webhooks scheme says. With `format: slack` people are told in messages what concerns them, unsigned.',
  role: 'admin',
  body: createWebhookSchema,
  bodyCheckedByRoom: true,
  shownOnce: ['secret'],
  answer: {
    status: 201,
    about: 'The webhook with its secret, which is never shown again.',
    schema: webhookWithSecretSchema,
  },
  example: { url: 'https://example.com/hooks/signalbox', events: ['session.completed', 'session.failed'] },
});

export const getWebhook = operation({
  id: 'getWebhook',
  method: 'GET',
  path: '/webhooks/{id}',
  tag,
  summary: 'One webhook',
  role: 'operator',
  params,
  answer: { status: 200, about: 'The webhook, without its secret.', schema: webhookSchema },
});

export const updateWebhook = operation({
  id: 'updateWebhook',
  method: 'PATCH',
  path: '/webhooks/{id}',
  tag,
  summary: 'Change, enable or disable a webhook',
  description: 'One that is enabled again goes on where it stopped; what is too old by then is told as `feed.reset`.',
  role: 'admin',
  params,
  body: updateWebhookSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  answer: { status: 200, about: 'The webhook as it is now.', schema: webhookSchema },
  example: { enabled: true },
});

export const deleteWebhook = operation({
  id: 'deleteWebhook',
  method: 'DELETE',
  path: '/webhooks/{id}',
  tag,
  summary: 'Delete a webhook with its deliveries',
  role: 'admin',
  params,
  ifMatch: 'required',
  answer: { status: 204, about: 'Nothing more is sent to it.' },
});

export const rotateWebhookSecret = operation({
  id: 'rotateWebhookSecret',
  method: 'POST',
  path: '/webhooks/{id}/rotate-secret',
  tag,
  summary: 'Give a webhook a new secret',
  description: 'Messages are signed with the old one as well for `graceSeconds`, a day by default.',
  role: 'admin',
  params,
  body: rotateWebhookSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  shownOnce: ['secret'],
  answer: { status: 200, about: 'The webhook with its new secret.', schema: webhookWithSecretSchema },
  example: { graceSeconds: 3600 },
});

export const testWebhook = operation({
  id: 'testWebhook',
  method: 'POST',
  path: '/webhooks/{id}/test',
  tag,
  summary: 'Send a test now, once',
  role: 'admin',
  params,
  answer: { status: 200, about: 'What came of it.', schema: webhookDeliverySchema },
});

export const listWebhookDeliveries = operation({
  id: 'listWebhookDeliveries',
  method: 'GET',
  path: '/webhooks/{id}/deliveries',
  tag,
  summary: 'What was sent to a webhook',
  role: 'operator',
  params,
  query: pageQuerySchema.extend({ status: deliveryStatusSchema.optional() }),
  answer: { status: 200, about: 'A page of deliveries, newest first.', schema: webhookDeliveryPageSchema },
});

export const redriveWebhookDelivery = operation({
  id: 'redriveWebhookDelivery',
  method: 'POST',
  path: '/webhooks/{id}/deliveries/{deliveryId}/redrive',
  tag,
  summary: 'Send a message again',
  description: 'Under the same `webhook-id`, and without waiting for those before it.',
  role: 'operator',
  params: params.extend({ deliveryId: uuidSchema }),
  answer: { status: 200, about: 'The delivery, which is pending again.', schema: webhookDeliverySchema },
});
