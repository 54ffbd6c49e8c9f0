import type { FeedCursor } from '../platform/feed/index.ts';
import { redact } from '../platform/redaction/index.ts';
import type { FeedEvent } from './feed-event.ts';
import { slackMessage } from './slack-message.ts';
import type { WebhookFormat } from './webhook.ts';

export const RESET_TYPE = 'feed.reset';
export const TEST_TYPE = 'webhook.test';

/** What messages are written with. */
export interface MessageContext {
  /** Null where there is no such session any more. */
  sessionTitle: (projectId: string, sessionId: string) => Promise<string | null>;
  /** What an approval was asked for; null where there is none any more. */
  approvalSummary: (projectId: string, approvalId: string) => Promise<string | null>;
  /** Where people find the dashboard; null: no links. */
  dashboardUrl: () => string | null;
}

/** The body for an event, without secrets; null where the format has nothing to say of it. */
export async function eventBody(
  format: WebhookFormat,
  projectId: string,
  event: FeedEvent,
  messages: MessageContext,
): Promise<string | null> {
  const payload = redact(event.payload);
  if (format === 'standard') return standardBody(event.type, event.at, { ...payload, position: event.position });
  const dashboardUrl = messages.dashboardUrl();
  const { sessionId, approvalId } = payload;
  const told = { ...event, payload };
  // Most events are nothing for people: only for those that are is the session looked up.
  if (slackMessage(told, { sessionTitle: null, approvalSummary: null, dashboardUrl }) === null) return null;
  const [sessionTitle, approvalSummary] = await Promise.all([
    typeof sessionId === 'string' ? messages.sessionTitle(projectId, sessionId) : null,
    typeof approvalId === 'string' ? messages.approvalSummary(projectId, approvalId) : null,
  ]);
  return JSON.stringify(slackMessage(told, redact({ sessionTitle, approvalSummary, dashboardUrl })));
}

/** Says that the feed could not be gone on with, so that events are missing before `to`. */
export function resetBody(format: WebhookFormat, at: Date, from: FeedCursor, to: FeedCursor): string {
  if (format === 'standard') return standardBody(RESET_TYPE, at.toISOString(), { from, to });
  return JSON.stringify({ text: 'Signalbox could not tell some changes: they were too old. Look at the dashboard.' });
}

export function testBody(format: WebhookFormat, at: Date, endpointId: string): string {
  if (format === 'standard') return standardBody(TEST_TYPE, at.toISOString(), { endpointId });
  return JSON.stringify({ text: 'This is a test of Signalbox.' });
}

function standardBody(type: string, timestamp: string, data: Record<string, unknown>): string {
  return JSON.stringify({ type, timestamp, data });
}
