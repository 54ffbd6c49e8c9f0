import type { EventSource } from '../events/event-stream.ts';
import { type TailOptions, tailJournal } from '../events/journal-tail.ts';
import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type { AppendEvent, AppendResult, JournalEvent, JournalPage } from '../types.ts';

/** Which part of a journal to read. */
export interface JournalQuery {
  afterSeq?: number | undefined;
  beforeSeq?: number | undefined;
  types?: JournalEvent['type'][] | undefined;
  actor?: string | undefined;
  /** 1 to 1000. */
  pageSize?: number | undefined;
  order?: 'asc' | 'desc' | undefined;
}

/** The append-only log of a session. */
export function journalMethods({ http, creating }: Transport, events: EventSource) {
  const read = (sessionId: string, query: JournalQuery = {}, options: CallOptions = {}): Promise<JournalPage> => {
    const { types, ...rest } = query;
    return answerOf(
      http.GET('/api/v1/sessions/{id}/journal', {
        params: {
          path: { id: sessionId },
          query: { ...rest, types: types?.join(',') },
        },
        ...options,
      }),
    );
  };
  return {
    read,
    /** Appends 1 to 500 events in order. Give event ids and it may be repeated without doubling. */
    append: async (sessionId: string, newEvents: AppendEvent[], options: CallOptions = {}): Promise<AppendResult[]> => {
      const answer = await answerOf(
        http.POST('/api/v1/sessions/{id}/journal', {
          params: { path: { id: sessionId } },
          body: { events: newEvents },
          ...creating(options),
        }),
      );
      return answer.items;
    },
    /** The payload of an event that carries a `payloadDigest` instead of its payload. */
    payload: (sessionId: string, digest: string, options: CallOptions = {}): Promise<unknown> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}/journal/payloads/{digest}', {
          params: { path: { id: sessionId, digest } },
          ...options,
        }),
      ),
    /**
     * Every event from `afterSeq` on, in order and without gaps: those recorded first, then new ones as they come.
     * Ends when the session has ended and its journal is read, unless `follow` says otherwise.
     */
    tail: (sessionId: string, options: TailOptions = {}): AsyncIterable<JournalEvent> =>
      tailJournal(
        {
          events,
          read: (query, signal) => read(sessionId, query, { signal }),
          status: async (signal) =>
            (await answerOf(http.GET('/api/v1/sessions/{id}', { params: { path: { id: sessionId } }, signal }))).status,
        },
        sessionId,
        options,
      ),
  };
}
