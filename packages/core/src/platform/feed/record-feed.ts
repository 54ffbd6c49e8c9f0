import type { Transaction } from '../database/index.ts';
import { signalFeed } from './feed-signal.ts';
import { insertFeedEntries } from './feed-store.ts';

/** What the feed tells about; also the names of the events a client sees. */
export const FEED_TOPICS = [
  'session',
  'journal',
  'checkpoint',
  'recording',
  'task',
  'agent',
  'queue',
  'schedule',
  'lock',
  'path',
  'conflict',
  'workspace',
  'rollback',
  'undo',
  'thread',
  'approval',
  'webhook',
  'policy',
  'graph',
  'topology',
  'budget',
  'project',
] as const;
export type FeedTopic = (typeof FEED_TOPICS)[number];

/**
 * Tells the project's change feed of a change, in the transaction that makes it: both commit or neither (ORC-216).
 * One row for all that changed together, not one per thing. Readers are woken once it has committed.
 *
 * @param payload a JSON object as small as the change: ids, versions and statuses, never whole nouns.
 */
export async function recordFeed(
  tx: Transaction,
  projectId: string,
  topic: FeedTopic,
  payload: Record<string, unknown>,
): Promise<void> {
  await recordFeeds(tx, projectId, topic, [payload]);
}

/**
 * {@link recordFeed} for several changes that readers are told of one by one, in this order: one row each, because each
 * row is one event with a position of its own. One statement.
 */
export async function recordFeeds(
  tx: Transaction,
  projectId: string,
  topic: FeedTopic,
  payloads: readonly Record<string, unknown>[],
): Promise<void> {
  if (payloads.length === 0) return;
  await insertFeedEntries(tx, projectId, topic, payloads);
  tx.afterCommit(signalFeed);
}
