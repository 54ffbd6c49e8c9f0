import type { FeedTopic } from '@signalbox/client';

/** Which answers a change of each topic makes old, by the name that stands behind the project in their `keys`. */
export const TOUCHED: Partial<Record<FeedTopic, readonly string[]>> = {
  session: ['fleet'],
  agent: ['agents'],
  // What an agent holds is its load.
  task: ['agents', 'queues'],
  queue: ['queues'],
  schedule: ['schedules'],
  lock: ['locks'],
  path: ['paths'],
  conflict: ['conflicts'],
  undo: ['undos'],
  rollback: ['rollback'],
  approval: ['approvals'],
  policy: ['policies'],
  // What a change can break stands on both.
  topology: ['topology', 'reach'],
  graph: ['graph', 'reach'],
  budget: ['budgets'],
  webhook: ['webhooks'],
  workspace: ['workspaces'],
};
