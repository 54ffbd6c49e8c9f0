import { type SseMessage, SseParser } from './sse-parser.ts';

/** Longest silence on a connection. The server pings each 15 s, so a longer one means that it is gone. */
const SILENCE_MS = 45_000;

/** The messages of one connection, until it ends. Rejects when it breaks, falls silent, or the signal fires. */
export async function* readMessages(response: Response, abort: AbortController): AsyncGenerator<SseMessage> {
  if (response.body === null) return;
  const parser = new SseParser();
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  const silence = () => abort.abort(new Error(`Nothing was heard for ${SILENCE_MS / 1000} s.`));
  let watchdog = setTimeout(silence, SILENCE_MS);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(silence, SILENCE_MS);
      yield* parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(watchdog);
  }
}
