import { recordAudit } from '../audit/index.ts';
import type { Transaction } from '../platform/database/index.ts';
import { recordFeed } from '../platform/feed/index.ts';
import type { Webhook } from './webhook.ts';

/** Verbs of the audit, and what the feed calls them. */
const CHANGES = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  rotate: 'rotated',
  disable: 'disabled',
} as const;

/** Audit and feed of one change. Of the address only its origin is told: the rest may be a secret, as with Slack's. */
export async function recordWebhook(
  tx: Transaction,
  webhook: Webhook,
  verb: keyof typeof CHANGES,
  actor: string,
  before: number | null,
): Promise<void> {
  const { id, projectId, url, events, format, enabled, disabledReason, version } = webhook;
  const reason = disabledReason === null ? {} : { reason: disabledReason };
  await recordAudit(tx, projectId, {
    actor,
    action: `webhook.${verb}`,
    subjectType: 'webhook',
    subjectId: id,
    versionBefore: before,
    versionAfter: verb === 'delete' ? null : version,
    details: { origin: new URL(url).origin, events, format, enabled, ...reason },
  });
  await recordFeed(tx, projectId, 'webhook', { webhookId: id, change: CHANGES[verb], version, ...reason });
}
