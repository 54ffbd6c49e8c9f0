import type { FeedEntry } from '../platform/feed/index.ts';

/** One entry of the change feed as receivers are told it. */
export interface FeedEvent {
  /** `topic.kind`, as `session.completed`. */
  type: string;
  topic: string;
  /** ISO 8601. */
  at: string;
  position: number;
  payload: Record<string, unknown>;
}

/** Names an entry: its topic, and what its payload says of the kind of change (`changed` where it says nothing). */
export function eventOf({ topic, payload, at, position }: FeedEntry): FeedEvent {
  return { type: `${topic}.${kindOf(topic, payload)}`, topic, at, position, payload };
}

/** Whether a subscription to `subjects` is told of events of this type. */
export function isSubscribed(subjects: readonly string[], { type, topic }: FeedEvent): boolean {
  return subjects.some((subject) => subject === '*' || subject === topic || subject === type);
}

function kindOf(topic: string, payload: Record<string, unknown>): string {
  const told = [payload.change, payload.event, payload.status].find((value) => typeof value === 'string');
  if (typeof told !== 'string') return 'changed';
  const kind = told.startsWith(`${topic}:`) ? told.slice(topic.length + 1) : told;
  return kind.toLowerCase().replace(/[^a-z0-9_.-]/g, '.');
}
