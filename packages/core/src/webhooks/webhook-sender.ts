import type { LookupFunction } from 'node:net';
import type { Clock } from '../platform/clock/clock.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { openAddress } from './kept-address.ts';
import { type SendOutcome, sendWebhook } from './send-webhook.ts';
import type { Webhook } from './webhook.ts';
import { guardedLookup } from './webhook-address.ts';
import { secretOf, signedHeaders, type WebhookKey } from './webhook-signing.ts';

export interface WebhookSenderParts {
  clock: Clock;
  /** Null: this node can neither make secrets nor sign. */
  key: WebhookKey | null;
  /** Whether private addresses and plain HTTP are allowed. */
  allowPrivate: boolean;
  lookup?: LookupFunction;
}

/** Where the key of webhooks is not the one that it was. */
const UNREADABLE = 'its address was sealed with another key: set the address again';

/** What it takes to send to an endpoint. */
export interface Addressee {
  id: string;
  sealedUrl: string;
  format: Webhook['format'];
  generation: number;
  previousUntil: Date | null;
}

/** Signs messages and sends them, once each. */
export class WebhookSender {
  readonly allowPrivate: boolean;
  readonly #parts: WebhookSenderParts;
  readonly #lookup: LookupFunction;

  constructor(parts: WebhookSenderParts) {
    this.#parts = parts;
    this.allowPrivate = parts.allowPrivate;
    this.#lookup = parts.lookup ?? guardedLookup();
  }

  /** The key of this node; endpoints whose secret comes from another are left to nodes that have that. */
  get keyId(): string | null {
    return this.#parts.key?.id ?? null;
  }

  /** @throws WEBHOOK_KEY_UNKNOWN on a node without a key */
  get key(): WebhookKey {
    if (!this.#parts.key) throw new SignalboxError('WEBHOOK_KEY_UNKNOWN', {});
    return this.#parts.key;
  }

  send(to: Addressee, message: { id: string; body: string }, signal: AbortSignal): Promise<SendOutcome> {
    const { clock, allowPrivate } = this.#parts;
    const at = clock.now();
    const url = openAddress(this.key, to.id, to.sealedUrl);
    if (url === null) return Promise.resolve({ status: null, latencyMs: 0, error: UNREADABLE });
    // Slack knows nothing of signatures; its address is the secret.
    const headers = to.format === 'slack' ? {} : signedHeaders(this.#secrets(to, at), { ...message, at });
    const parts = { clock, allowPrivate, lookup: this.#lookup };
    return sendWebhook(parts, { url, headers, body: message.body, signal });
  }

  #secrets({ id, generation, previousUntil }: Addressee, at: Date): string[] {
    const previous = previousUntil !== null && previousUntil > at;
    return [generation, ...(previous ? [generation - 1] : [])].map((number) => secretOf(this.key, id, number));
  }
}
