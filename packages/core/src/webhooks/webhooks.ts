import { recordAudit } from '../audit/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { readFeed } from '../platform/feed/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { redactPlain } from '../platform/redaction/index.ts';
import {
  forgetDeliveries,
  getDelivery,
  insertTestDelivery,
  listDeliveries,
  redriveDelivery,
} from './delivery-store.ts';
import { sealAddress, shownAddress } from './kept-address.ts';
import { TEST_TYPE, testBody } from './message-body.ts';
import { recordWebhook } from './record-webhook.ts';
import {
  type CreateWebhook,
  createWebhookSchema,
  DESCRIPTION_LENGTH,
  type DeliveryStatus,
  type RotateWebhook,
  rotateWebhookSchema,
  type UpdateWebhook,
  updateWebhookSchema,
  type Webhook,
  type WebhookDelivery,
} from './webhook.ts';
import { checkWebhookUrl } from './webhook-address.ts';
import type { WebhookSender } from './webhook-sender.ts';
import { secretOf } from './webhook-signing.ts';
import {
  deleteWebhook,
  getWebhook,
  holdWebhook,
  insertWebhook,
  keptOf,
  listWebhooks,
  rotateWebhook,
  writeWebhook,
} from './webhook-store.ts';

export interface WebhooksParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  sender: WebhookSender;
}

/** Deliveries that are forgotten in one statement. */
const FORGOTTEN_AT_ONCE = 1_000;

/** Where the changes of a project are told, and what came of telling them. */
export class Webhooks {
  readonly #parts: WebhooksParts;

  constructor(parts: WebhooksParts) {
    this.#parts = parts;
  }

  /**
   * Makes an endpoint that is told what happens from now on; `secret` is answered this once and never again.
   * @throws VALIDATION_FAILED, WEBHOOK_URL_REFUSED, WEBHOOK_KEY_UNKNOWN
   */
  async create(projectId: string, input: CreateWebhook, actor: string): Promise<{ webhook: Webhook; secret: string }> {
    const { database, ids, sender } = this.#parts;
    const wanted = described(parseInput(createWebhookSchema, input));
    const url = checkWebhookUrl(wanted.url, sender.allowPrivate).href;
    const { key } = sender;
    const id = ids.uuid();
    const kept = { keyId: key.id, sealedUrl: sealAddress(key, id, url) };
    const webhook = await database.transaction(async (tx) => {
      const { head } = await readFeed(tx, projectId, null, 1);
      const fresh = { ...wanted, url: shownAddress(url, wanted.format), id, createdBy: actor };
      const made = await insertWebhook(tx, projectId, fresh, kept, head);
      await recordWebhook(tx, made, 'create', actor, null);
      return made;
    });
    return { webhook, secret: secretOf(key, webhook.id, webhook.generation) };
  }

  /** @throws WEBHOOK_NOT_FOUND */
  async get(projectId: string, id: string): Promise<Webhook> {
    return found(id, await getWebhook(this.#parts.database, projectId, id));
  }

  /** Oldest first. */
  list(projectId: string, page: number, pageSize: number): Promise<{ items: Webhook[]; total: number }> {
    return listWebhooks(this.#parts.database, projectId, pageSize, (page - 1) * pageSize);
  }

  /**
   * What is left out stays. One that is enabled again goes on where it stopped.
   * @throws WEBHOOK_NOT_FOUND, OPTIMISTIC_LOCK, WEBHOOK_URL_REFUSED, WEBHOOK_KEY_UNKNOWN
   */
  async update(projectId: string, id: string, version: number, input: UpdateWebhook, actor: string): Promise<Webhook> {
    const { database, sender } = this.#parts;
    const changes = described(parseInput(updateWebhookSchema, input) as Partial<Webhook>);
    const url = changes.url === undefined ? null : checkWebhookUrl(changes.url, sender.allowPrivate).href;
    const sealedUrl = url === null ? null : sealAddress(sender.key, id, url);
    return database.transaction(async (tx) => {
      const before = found(id, await holdWebhook(tx, projectId, id));
      if (before.version !== version) throw stale(before, version);
      const shown = url === null ? before.url : shownAddress(url, before.format);
      const after = await writeWebhook(tx, { ...before, ...changes, url: shown }, sealedUrl);
      if (!after) throw stale(before, version);
      await recordWebhook(tx, after, 'update', actor, version);
      return after;
    });
  }

  /** With its deliveries; nothing more is sent. @throws WEBHOOK_NOT_FOUND, OPTIMISTIC_LOCK */
  async delete(projectId: string, id: string, version: number, actor: string): Promise<void> {
    await this.#parts.database.transaction(async (tx) => {
      const webhook = found(id, await holdWebhook(tx, projectId, id));
      if (!(await deleteWebhook(tx, projectId, id, version))) throw stale(webhook, version);
      await recordWebhook(tx, webhook, 'delete', actor, version);
    });
  }

  /**
   * A new secret, answered this once. Messages are signed with the old one as well for `graceSeconds`.
   * @throws WEBHOOK_NOT_FOUND, OPTIMISTIC_LOCK, WEBHOOK_KEY_UNKNOWN
   */
  async rotate(
    projectId: string,
    id: string,
    version: number,
    input: RotateWebhook,
    actor: string,
  ): Promise<{ webhook: Webhook; secret: string }> {
    const { database, clock, sender } = this.#parts;
    const { graceSeconds } = parseInput(rotateWebhookSchema, input);
    const { key } = sender;
    const webhook = await database.transaction(async (tx) => {
      const before = found(id, await holdWebhook(tx, projectId, id));
      const until = graceSeconds === 0 ? null : new Date(clock.now().getTime() + graceSeconds * 1_000);
      const after = await rotateWebhook(tx, projectId, id, version, key.id, until);
      if (!after) throw stale(before, version);
      await recordWebhook(tx, after, 'rotate', actor, version);
      return after;
    });
    return { webhook, secret: secretOf(key, id, webhook.generation) };
  }

  /**
   * Sends a test now, once, and answers what came of it; also to an endpoint that is disabled.
   * @throws WEBHOOK_NOT_FOUND, WEBHOOK_KEY_UNKNOWN
   */
  async test(projectId: string, id: string, actor: string): Promise<WebhookDelivery> {
    const { database, clock, ids, sender } = this.#parts;
    const webhook = await this.get(projectId, id);
    const kept = await keptOf(database, projectId, id);
    if (kept?.keyId !== sender.key.id) throw new SignalboxError('WEBHOOK_KEY_UNKNOWN', {});
    const at = clock.now();
    const message = { id: ids.uuid(), type: TEST_TYPE, body: testBody(webhook.format, at, id) };
    const previousUntil = webhook.previousUntil === null ? null : new Date(webhook.previousUntil);
    const outcome = await sender.send({ ...webhook, ...kept, previousUntil }, message, new AbortController().signal);
    const { status: responseStatus, latencyMs, error } = outcome;
    const result = { status: error === null ? ('delivered' as const) : ('failed' as const), at, responseStatus };
    return database.transaction(async (tx) => {
      found(id, await holdWebhook(tx, projectId, id));
      const delivery = await insertTestDelivery(tx, projectId, id, message, { ...result, latencyMs, error });
      const details = { deliveryId: delivery.id, responseStatus };
      await recordAudit(tx, projectId, {
        actor,
        action: 'webhook.test',
        subjectType: 'webhook',
        subjectId: id,
        details,
      });
      return delivery;
    });
  }

  /** Newest first. @throws WEBHOOK_NOT_FOUND */
  async deliveries(
    projectId: string,
    id: string,
    status: DeliveryStatus | null,
    page: number,
    pageSize: number,
  ): Promise<{ items: WebhookDelivery[]; total: number }> {
    await this.get(projectId, id);
    return listDeliveries(this.#parts.database, projectId, id, status, pageSize, (page - 1) * pageSize);
  }

  /**
   * Sends a message again, whatever became of it, under the same id and without waiting for those before it.
   * @throws WEBHOOK_NOT_FOUND, WEBHOOK_DISABLED, WEBHOOK_DELIVERY_NOT_FOUND
   */
  async redrive(projectId: string, id: string, deliveryId: string, actor: string): Promise<WebhookDelivery> {
    const { database, clock } = this.#parts;
    return database.transaction(async (tx) => {
      const webhook = found(id, await holdWebhook(tx, projectId, id));
      const there = await getDelivery(tx, projectId, id, deliveryId);
      if (!there) throw new SignalboxError('WEBHOOK_DELIVERY_NOT_FOUND', { id: deliveryId });
      if (!webhook.enabled) throw new SignalboxError('WEBHOOK_DISABLED', { id });
      const delivery = await redriveDelivery(tx, projectId, id, deliveryId, clock.now());
      if (!delivery) throw new SignalboxError('WEBHOOK_DELIVERY_NOT_FOUND', { id: deliveryId });
      const details = { deliveryId, type: delivery.type };
      await recordAudit(tx, projectId, {
        actor,
        action: 'webhook.redrive',
        subjectType: 'webhook',
        subjectId: id,
        details,
      });
      return delivery;
    });
  }

  /** Forgets deliveries of all projects that are over and older than `days`; answers how many. */
  async forgetOld(days: number): Promise<number> {
    const before = new Date(this.#parts.clock.now().getTime() - days * 86_400_000);
    let total = 0;
    for (;;) {
      const forgotten = await forgetDeliveries(this.#parts.database, before, FORGOTTEN_AT_ONCE);
      total += forgotten;
      if (forgotten < FORGOTTEN_AT_ONCE) return total;
    }
  }
}

/** Without secrets, which people write into what describes things; and no longer than it may be. */
function described<Said extends { description?: string | undefined }>(said: Said): Said {
  if (said.description === undefined) return said;
  return { ...said, description: redactPlain(said.description).slice(0, DESCRIPTION_LENGTH) };
}

function found(id: string, webhook: Webhook | null): Webhook {
  if (!webhook) throw new SignalboxError('WEBHOOK_NOT_FOUND', { id });
  return webhook;
}

function stale({ id, version }: Webhook, received: number): SignalboxError {
  return new SignalboxError('OPTIMISTIC_LOCK', { noun: 'webhook', id, expected: version, received });
}
