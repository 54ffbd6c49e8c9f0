import {
  answerOf,
  type CallOptions,
  type CreateOptions,
  ifMatch,
  succeeded,
  type Transport,
} from '../transport/transport.ts';
import type {
  CreateWebhook,
  ListQuery,
  Page,
  RotateWebhookSecret,
  UpdateWebhook,
  Webhook,
  WebhookDelivery,
  WebhookWithSecret,
} from '../types.ts';

/** Where the changes of the project are told. The secret is in the answers to `create` and `rotateSecret` and nowhere else. */
export function webhookMethods({ http, creating }: Transport) {
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Webhook>> =>
      answerOf(http.GET('/api/v1/webhooks', { params: { query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<Webhook> =>
      answerOf(http.GET('/api/v1/webhooks/{id}', { params: { path: { id } }, ...options })),
    create: (webhook: CreateWebhook, options?: CreateOptions): Promise<WebhookWithSecret> =>
      answerOf(http.POST('/api/v1/webhooks', { body: webhook, ...creating(options) })),
    update: (id: string, version: number, change: UpdateWebhook, options: CallOptions = {}): Promise<Webhook> =>
      answerOf(
        http.PATCH('/api/v1/webhooks/{id}', {
          params: { path: { id }, header: ifMatch(version) },
          body: change,
          ...options,
        }),
      ),
    delete: (id: string, version: number, options: CallOptions = {}): Promise<void> =>
      succeeded(
        http.DELETE('/api/v1/webhooks/{id}', { params: { path: { id }, header: ifMatch(version) }, ...options }),
      ),
    rotateSecret: (
      id: string,
      version: number,
      wanted: RotateWebhookSecret = {},
      options: CallOptions = {},
    ): Promise<WebhookWithSecret> =>
      answerOf(
        http.POST('/api/v1/webhooks/{id}/rotate-secret', {
          params: { path: { id }, header: ifMatch(version) },
          body: wanted,
          ...options,
        }),
      ),
    /** Sends a test now and answers what came of it. */
    test: (id: string, options: CallOptions = {}): Promise<WebhookDelivery> =>
      answerOf(http.POST('/api/v1/webhooks/{id}/test', { params: { path: { id } }, ...options })),
    deliveries: (id: string, query: ListQuery = {}, options: CallOptions = {}): Promise<Page<WebhookDelivery>> =>
      answerOf(http.GET('/api/v1/webhooks/{id}/deliveries', { params: { path: { id }, query }, ...options })),
    redrive: (id: string, deliveryId: string, options: CallOptions = {}): Promise<WebhookDelivery> =>
      answerOf(
        http.POST('/api/v1/webhooks/{id}/deliveries/{deliveryId}/redrive', {
          params: { path: { id, deliveryId } },
          ...options,
        }),
      ),
  };
}
