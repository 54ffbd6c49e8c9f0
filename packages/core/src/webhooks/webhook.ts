import { z } from 'zod';
import { FEED_TOPICS } from '../platform/feed/index.ts';

/** What a subscription names: everything, a topic of the change feed, or one kind of change of a topic. */
export const webhookEventSchema = z.string().refine(isSubject, {
  message: `must be "*", a topic or topic.kind; topics are ${FEED_TOPICS.join(', ')}`,
});

/** `standard`: Standard Webhooks, signed. `slack`: messages as Slack's incoming webhooks take them, for people. */
export const webhookFormatSchema = z.enum(['standard', 'slack']);
export type WebhookFormat = z.infer<typeof webhookFormatSchema>;

/** Where a project's changes are told. Its secret is shown when it is made or rotated, and never again. */
export const webhookSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  /** What may be shown of it: the address may itself be a secret, as Slack's are. */
  url: z.string(),
  description: z.string(),
  events: z.array(z.string()),
  format: webhookFormatSchema,
  enabled: z.boolean(),
  /** Set when it was disabled because it failed for too long, or said itself that it is gone. */
  disabledAt: z.iso.datetime().nullable(),
  disabledReason: z.string().nullable(),
  /** Rises with each rotation of the secret. */
  generation: z.int(),
  /** Until when messages are signed with the secret before as well. */
  previousUntil: z.iso.datetime().nullable(),
  /** How far in the change feed it has been told. */
  position: z.int(),
  failingSince: z.iso.datetime().nullable(),
  createdBy: z.string().nullable(),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Webhook = z.infer<typeof webhookSchema>;

const urlSchema = z.string().trim().min(1).max(2000);
/** Characters. */
export const DESCRIPTION_LENGTH = 500;
const descriptionSchema = z
  .string()
  .max(DESCRIPTION_LENGTH)
  .regex(/^[^\0]*$/, 'must not contain NUL characters');
const eventsSchema = z
  .array(webhookEventSchema)
  .min(1)
  .max(100)
  .transform((events) => [...new Set(events)]);

export const createWebhookSchema = z.strictObject({
  url: urlSchema,
  description: descriptionSchema.default(''),
  events: eventsSchema.default(['*']),
  format: webhookFormatSchema.default('standard'),
  enabled: z.boolean().default(true),
});
export type CreateWebhook = z.input<typeof createWebhookSchema>;

/** What is left out stays. The format stays for good: it decides what has been written already. */
export const updateWebhookSchema = z
  .strictObject({ url: urlSchema, description: descriptionSchema, events: eventsSchema, enabled: z.boolean() })
  .partial();
export type UpdateWebhook = z.input<typeof updateWebhookSchema>;

/** Seconds for which messages are signed with the old secret as well; a day by default. */
export const rotateWebhookSchema = z.strictObject({ graceSeconds: z.int().min(0).max(2_592_000).default(86_400) });
export type RotateWebhook = z.input<typeof rotateWebhookSchema>;

export const deliveryStatusSchema = z.enum(['pending', 'delivered', 'failed']);
export type DeliveryStatus = z.infer<typeof deliveryStatusSchema>;

/** One message to one endpoint. `id` is its `webhook-id`, the same at each attempt. */
export const webhookDeliverySchema = z.object({
  id: z.string(),
  projectId: z.string(),
  endpointId: z.string(),
  /** `reset`: the feed could not be gone on with; the receiver takes the present state from the API. */
  kind: z.enum(['event', 'reset', 'test']),
  /** As `session.completed`. */
  type: z.string(),
  /** Place in the change feed; null for a test. */
  position: z.int().nullable(),
  status: deliveryStatusSchema,
  attempts: z.int(),
  nextAttemptAt: z.iso.datetime().nullable(),
  lastAttemptAt: z.iso.datetime().nullable(),
  /** Of the last attempt; null where nobody answered. */
  responseStatus: z.int().nullable(),
  /** Milliseconds that the last attempt took. */
  latencyMs: z.int().nullable(),
  error: z.string().nullable(),
  createdAt: z.iso.datetime(),
});
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

function isSubject(text: string): boolean {
  if (text === '*') return true;
  const [topic = '', ...kind] = text.split('.');
  return (
    FEED_TOPICS.some((known) => known === topic) && (kind.length === 0 || /^[a-z0-9_.-]{1,60}$/.test(kind.join('.')))
  );
}
