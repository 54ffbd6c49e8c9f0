import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { WebhookFormat } from './webhook.ts';
import type { WebhookKey } from './webhook-signing.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Pieces of an address that say more than where it leads: long ones of letters and digits mixed, as tokens are. */
const TOKEN = /^(?=.*\d)(?=.*[A-Za-z])[\w.~%-]{16,}$/;
const HIDDEN = '…';

/**
 * An address as it is kept: whoever has it can write to Slack, so that it is sealed with the key outside of the database, for this
 * endpoint alone. The nonce follows from what is sealed: the same address of the same endpoint is the same text.
 */
export function sealAddress(key: WebhookKey, endpointId: string, url: string): string {
  const nonce = createHmac('sha256', keyFor(key, 'nonce'))
    .update(`${endpointId} ${url}`)
    .digest()
    .subarray(0, NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyFor(key, 'address'), nonce).setAAD(Buffer.from(endpointId));
  const sealed = Buffer.concat([cipher.update(url, 'utf8'), cipher.final()]);
  return `${key.id}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
}

/** The address again; null where it was sealed with another key, for another endpoint, or altered. */
export function openAddress(key: WebhookKey, endpointId: string, sealed: string): string | null {
  const [id, text = ''] = sealed.split('.');
  if (id !== key.id) return null;
  const bytes = Buffer.from(text, 'base64url');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  if (tag.length < TAG_BYTES) return null;
  const cipher = createDecipheriv(CIPHER, keyFor(key, 'address'), nonce)
    .setAAD(Buffer.from(endpointId))
    .setAuthTag(tag);
  try {
    return Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()]).toString('utf8');
  } catch {
    // That it was not sealed so is all that can be said of it.
    return null;
  }
}

/** What of an address may be shown: of Slack's only where it leads, of others all but what looks like a secret. */
export function shownAddress(url: string, format: WebhookFormat): string {
  const { origin, pathname, searchParams } = new URL(url);
  if (format === 'slack') return `${origin}/${HIDDEN}`;
  const path = pathname
    .split('/')
    .map((piece) => (TOKEN.test(piece) ? HIDDEN : piece))
    .join('/');
  const names = [...new Set(searchParams.keys())];
  return `${origin}${path}${names.length === 0 ? '' : `?${names.map((name) => `${name}=${HIDDEN}`).join('&')}`}`;
}

function keyFor(key: WebhookKey, purpose: string): Buffer {
  return createHmac('sha256', key.secret).update(`signalbox webhook ${purpose}`).digest();
}
