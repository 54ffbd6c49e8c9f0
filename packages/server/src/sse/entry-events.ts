import type { FeedEntry, FeedTopic, Journal } from '@signalbox/core';
import { SignalboxError } from '@signalbox/core';

/** What a stream is asked to tell. */
export interface StreamFilter {
  /** Null: all of them. */
  topics: readonly FeedTopic[] | null;
  /** Null: all sessions, and then the journal tells ranges only. */
  sessionId: string | null;
}

type Payload = Record<string, unknown>;

/** Journal events in one event of the stream at most. */
const EVENTS_AT_ONCE = 100;

/**
 * The payloads that one entry of the feed becomes for one stream: an entry tells of all that changed together, a stream
 * of each thing by itself.
 */
export async function* payloadsOf(
  entry: FeedEntry,
  filter: StreamFilter,
  journal: Pick<Journal, 'read'>,
  projectId: string,
): AsyncGenerator<Payload> {
  if (filter.topics !== null && !filter.topics.some((topic) => topic === entry.topic)) return;
  for (const payload of split(entry)) {
    if (filter.sessionId === null) {
      yield payload;
    } else if (isAbout(payload, filter.sessionId)) {
      if (entry.topic === 'journal') yield* withEvents(payload, journal, projectId, filter.sessionId);
      else yield payload;
    }
  }
}

/** Whether an entry tells of a session, be it among others. */
export function tellsOf(entry: FeedEntry, sessionId: string): boolean {
  return split(entry).some((payload) => isAbout(payload, sessionId));
}

/** A conflict is about both of its sessions. */
function isAbout(payload: Payload, sessionId: string): boolean {
  const { sessionIds } = payload;
  return payload.sessionId === sessionId || (Array.isArray(sessionIds) && sessionIds.includes(sessionId));
}

/** Entries about sessions hold a list of them. */
function split({ topic, payload }: FeedEntry): Payload[] {
  const listed = (topic === 'session' || topic === 'journal') && Array.isArray(payload.sessions);
  return listed ? (payload.sessions as Payload[]) : [payload];
}

/** Adds the journal's events to the range that the feed tells, in pieces that fit into memory. */
async function* withEvents(
  range: Payload,
  journal: Pick<Journal, 'read'>,
  projectId: string,
  sessionId: string,
): AsyncGenerator<Payload> {
  const toSeq = Number(range.toSeq);
  let fromSeq = Number(range.fromSeq);
  while (fromSeq <= toSeq) {
    const events = await read(journal, projectId, sessionId, fromSeq, toSeq);
    const last = events.at(-1);
    if (!last) return;
    yield { sessionId, fromSeq, toSeq: last.seq, events };
    fromSeq = last.seq + 1;
  }
}

async function read(
  journal: Pick<Journal, 'read'>,
  projectId: string,
  sessionId: string,
  fromSeq: number,
  toSeq: number,
) {
  try {
    const query = { afterSeq: fromSeq - 1, beforeSeq: toSeq + 1, limit: EVENTS_AT_ONCE };
    return (await journal.read(projectId, sessionId, query)).items;
  } catch (error) {
    // Deleted meanwhile; the feed tells that by itself.
    if (SignalboxError.is(error, 'SESSION_NOT_FOUND')) return [];
    throw error;
  }
}
