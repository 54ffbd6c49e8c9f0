import { join } from 'node:path';
import { type Ids, type WebhookKey, webhookKey } from '@signalbox/core';
import { keptSecrets } from './kept-secrets.ts';

/**
 * The key from which the secrets of webhooks come. It lives outside of the database: from the configuration where several nodes
 * must share it, else in the data directory.
 */
export async function openWebhookKey(dataDir: string, configured: string | null, ids: Ids): Promise<WebhookKey> {
  return webhookKey(configured ?? (await keptSecrets(join(dataDir, 'webhook.key'), ids)).join('\n'));
}
