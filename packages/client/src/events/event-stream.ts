import { ApiError } from '../transport/api-error.ts';
import { type Backoff, backoffDelay, pause } from '../transport/backoff.ts';
import { parseJson } from '../transport/parse-json.ts';
import { streamedAnswer } from '../transport/streamed-answer.ts';
import type { Transport } from '../transport/transport.ts';
import { readMessages } from './sse-connection.ts';
import type { SseMessage } from './sse-parser.ts';
import type { FeedEvent, FeedTopic, StreamEvent } from './stream-event.ts';

const RECONNECT: Backoff = { firstMs: 250, maxMs: 5000 };

export interface EventOptions {
  /** All topics without. */
  topics?: readonly FeedTopic[] | undefined;
  /** Only what concerns this session; brings journal events inline, and streamed pieces of messages. */
  sessionId?: string | undefined;
  /** Go on behind this event: the `id` of the last one seen. */
  lastEventId?: string | undefined;
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined;
}

export type EventSource = (options?: EventOptions) => AsyncGenerator<StreamEvent>;

/**
 * The server's events as an endless iteration: a lost connection is made again, going on behind the last event seen.
 * Throws {@link ApiError} where asking again cannot help (4xx but 429). Leaving the loop closes the connection.
 */
export function eventSource(transport: Transport): EventSource {
  return async function* events(options = {}) {
    let lastEventId = options.lastEventId;
    let failures = 0;
    while (!options.signal?.aborted) {
      const abort = new AbortController();
      const forward = () => abort.abort(options.signal?.reason);
      options.signal?.addEventListener('abort', forward, { once: true });
      let reason = 'The server ended the stream.';
      try {
        const response = await connect(transport, options, lastEventId, abort.signal);
        failures = 0;
        yield { type: 'open', resumed: lastEventId !== undefined };
        for await (const message of readMessages(response, abort)) {
          if (message.id !== undefined && message.id !== '') lastEventId = message.id;
          const event = toStreamEvent(message);
          if (event !== null) yield event;
        }
      } catch (error) {
        if (options.signal?.aborted) return;
        if (ApiError.is(error) && error.status < 500 && error.status !== 429) throw error;
        reason = error instanceof Error ? error.message : String(error);
      } finally {
        options.signal?.removeEventListener('abort', forward);
        abort.abort();
      }
      if (options.signal?.aborted) return;
      failures++;
      const retryInMs = backoffDelay(RECONNECT, failures);
      yield { type: 'lost', reason, retryInMs };
      await pause(retryInMs, options.signal);
    }
  };
}

async function connect(
  transport: Transport,
  options: EventOptions,
  lastEventId: string | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const query = new URLSearchParams();
  if (options.topics !== undefined) query.set('topics', options.topics.join(','));
  if (options.sessionId !== undefined) query.set('sessionId', options.sessionId);
  const search = query.size === 0 ? '' : `?${query}`;
  const headers = {
    Accept: 'text/event-stream',
    ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }),
  };
  return streamedAnswer(transport, `/api/v1/events${search}`, { headers, signal });
}

/** Null for kinds of events that this version does not know: a newer server may send them. */
function toStreamEvent(message: SseMessage): StreamEvent | null {
  const data = parseJson(message.data);
  if (typeof data !== 'object' || data === null) return null;
  switch (message.event) {
    case 'hello':
    case 'reset':
    case 'delta':
      return { type: message.event, ...data } as StreamEvent;
    default:
      return 'topic' in data ? ({ type: 'feed', id: message.id ?? '', ...data } as FeedEvent) : null;
  }
}
