import { createHash, createHmac } from 'node:crypto';
import { Webhook as Signer } from 'standardwebhooks';

/**
 * Secrets of endpoints are derived from one key that is kept outside of the database, so that whoever reads the database can sign
 * nothing. `id` tells keys apart: a node with another key does not send.
 */
export interface WebhookKey {
  readonly id: string;
  readonly secret: Buffer;
}

export function webhookKey(text: string): WebhookKey {
  const id = createHash('sha256').update('signalbox webhook key id').update(text).digest('hex').slice(0, 16);
  return { id, secret: createHash('sha256').update('signalbox webhook key').update(text).digest() };
}

/** The secret of an endpoint in the form of the Standard Webhooks scheme: `whsec_` and base64 of 32 bytes. */
export function secretOf(key: WebhookKey, endpointId: string, generation: number): string {
  const bytes = createHmac('sha256', key.secret).update(`${endpointId}:${generation}`).digest('base64');
  return `whsec_${bytes}`;
}

/** The three headers of the scheme; one signature for each secret that is valid. */
export function signedHeaders(
  secrets: readonly string[],
  message: { id: string; at: Date; body: string },
): Record<string, string> {
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(Math.floor(message.at.getTime() / 1_000)),
    'webhook-signature': secrets
      .map((secret) => new Signer(secret).sign(message.id, message.at, message.body))
      .join(' '),
  };
}
