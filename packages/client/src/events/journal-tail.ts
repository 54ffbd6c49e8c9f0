import type { JournalQuery } from '../groups/journal.ts';
import { isActive } from '../session-status.ts';
import { ApiError, ServerUnreachableError } from '../transport/api-error.ts';
import { type Backoff, backoffDelay, pause } from '../transport/backoff.ts';
import type { JournalEvent, JournalPage, SessionStatus } from '../types.ts';
import type { EventSource } from './event-stream.ts';
import type { StreamEvent } from './stream-event.ts';

const PAGE_SIZE = 1000;
const WHILE_AWAY: Backoff = { firstMs: 250, maxMs: 5000 };

export interface TailOptions {
  /** Begin behind this sequence number; 0 for the beginning. */
  afterSeq?: number | undefined;
  /** `end`: until the session has ended; `forever`: also past that (a retry goes on); `no`: only what is there. */
  follow?: 'end' | 'forever' | 'no' | undefined;
  signal?: AbortSignal | undefined;
  /** Told of everything else on the way: streamed pieces of messages, lost and regained connections. */
  onEvent?: ((event: StreamEvent) => void) | undefined;
}

/** What tailing needs of the client. */
export interface TailSource {
  events: EventSource;
  read(query: JournalQuery, signal: AbortSignal | undefined): Promise<JournalPage>;
  status(signal: AbortSignal | undefined): Promise<SessionStatus>;
}

/**
 * Joins what was recorded with what is being recorded. The stream is opened before the first page is read, so that
 * nothing falls between the two; sequence numbers are gap-free, so that whatever the stream leaves out is noticed and
 * read. A restart of the server only makes it wait.
 */
export async function* tailJournal(
  source: TailSource,
  sessionId: string,
  options: TailOptions,
): AsyncGenerator<JournalEvent> {
  const follow = options.follow ?? 'end';
  let last = options.afterSeq ?? 0;

  async function* unread(read = source.read): AsyncGenerator<JournalEvent> {
    for (;;) {
      const page = await read({ afterSeq: last, pageSize: PAGE_SIZE, order: 'asc' }, options.signal);
      for (const event of page.items) {
        last = event.seq;
        yield event;
      }
      if (page.nextAfterSeq === null) return;
    }
  }

  if (follow === 'no') return yield* unread();

  // The first answers decide whether the session exists and the server is there; later on, absence is waited out.
  const firstStatus = await source.status(options.signal);
  yield* unread();
  if (follow === 'end' && !isActive(firstStatus)) return;

  const patientRead: TailSource['read'] = (query, signal) => whenBack(() => source.read(query, signal), signal);
  for await (const event of source.events({ topics: ['session', 'journal'], sessionId, signal: options.signal })) {
    options.onEvent?.(event);
    if (event.type === 'open' || event.type === 'reset') {
      const status = await whenBack(() => source.status(options.signal), options.signal);
      yield* unread(patientRead);
      if (follow === 'end' && !isActive(status)) return;
    } else if (event.type === 'feed' && event.topic === 'journal') {
      for (const entry of event.payload.events ?? []) {
        if (entry.seq !== last + 1) continue;
        last = entry.seq;
        yield entry;
      }
      if (event.payload.toSeq > last) yield* unread(patientRead);
    } else if (event.type === 'feed' && event.topic === 'session' && !isActive(event.payload.status)) {
      yield* unread(patientRead);
      if (follow === 'end') return;
    }
  }
}

/** Asks again until the server is back. */
async function whenBack<T>(ask: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error) {
      const away = ServerUnreachableError.is(error) || (ApiError.is(error) && error.status === 503);
      if (!away || signal?.aborted) throw error;
      await pause(backoffDelay(WHILE_AWAY, failures), signal);
    }
  }
}
