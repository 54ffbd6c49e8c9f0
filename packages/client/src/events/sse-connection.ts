import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** Longest silence on a connection. The server pings each 15 s, so a longer one means that it is gone. */
const SILENCE_MS = 45_000;

/** The messages of one connection, until it ends. Rejects when it breaks, falls silent, or the signal fires. */
export async function* readMessages(response: Response, abort: AbortController): AsyncGenerator<EventSourceMessage> {
  if (response.body === null) return;
  let ready: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => ready.push(message) });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const silence = () => abort.abort(new Error(`Nothing was heard for ${SILENCE_MS / 1000} s.`));
  let watchdog = setTimeout(silence, SILENCE_MS);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(silence, SILENCE_MS);
      parser.feed(value);
      const messages = ready;
      ready = [];
      yield* messages;
    }
  } finally {
    clearTimeout(watchdog);
  }
}
