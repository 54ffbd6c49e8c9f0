export type { MessageContext } from './message-body.ts';
export {
  type CreateWebhook,
  createWebhookSchema,
  type DeliveryStatus,
  deliveryStatusSchema,
  type RotateWebhook,
  rotateWebhookSchema,
  type UpdateWebhook,
  updateWebhookSchema,
  type Webhook,
  type WebhookDelivery,
  webhookDeliverySchema,
  webhookSchema,
} from './webhook.ts';
export { WebhookDispatcher } from './webhook-dispatcher.ts';
export { WebhookSender } from './webhook-sender.ts';
export { type WebhookKey, webhookKey } from './webhook-signing.ts';
export { Webhooks } from './webhooks.ts';
