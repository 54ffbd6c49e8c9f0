import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../platform/clock/clock.ts';
import { checkWebhookUrl } from './webhook-address.ts';

/** What came of one attempt. */
export interface SendOutcome {
  /** Null where nobody answered. */
  status: number | null;
  latencyMs: number;
  /** Why it was in vain; null after an answer of 200 to 299. */
  error: string | null;
}

export interface SendMessage {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Ends the attempt. */
  signal: AbortSignal;
}

export interface SenderParts {
  clock: Clock;
  allowPrivate: boolean;
  /** Gives the addresses that may be connected to. */
  lookup: LookupFunction;
}

/** From the connection to the end of the answer. */
export const SEND_TIMEOUT_MS = 15_000;
/** What is read of an answer before it is cut off: it says nothing that is needed. */
const ANSWER_BYTES = 64 * 1024;

/** Sends a message once. Redirects are not followed: they are a refusal like any answer that is not 2xx. Throws never. */
export async function sendWebhook(parts: SenderParts, message: SendMessage): Promise<SendOutcome> {
  const { clock } = parts;
  const began = clock.monotonic();
  const over = new AbortController();
  const late = clock.sleep(SEND_TIMEOUT_MS, over.signal).then(() => 'late' as const);
  const outcome = (status: number | null, error: string | null): SendOutcome => ({
    status,
    error,
    latencyMs: Math.max(0, Math.round(clock.monotonic() - began)),
  });
  try {
    const answer = exchange(parts, message, over.signal);
    const first = await Promise.race([answer, late]);
    if (first === 'late') {
      over.abort();
      await answer.catch(() => undefined);
      return outcome(null, `no answer within ${SEND_TIMEOUT_MS / 1_000} s`);
    }
    return outcome(first, first >= 200 && first <= 299 ? null : `it answered ${first}`);
  } catch (error) {
    return outcome(null, error instanceof Error ? error.message : String(error));
  } finally {
    over.abort();
  }
}

/** The status of the answer, once that has ended or as much of it was read as is. */
async function exchange(
  { allowPrivate, lookup }: SenderParts,
  { url: text, headers, body, signal }: SendMessage,
  over: AbortSignal,
): Promise<number> {
  const url = checkWebhookUrl(text, allowPrivate);
  const bytes = Buffer.from(body);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request: ClientRequest = (url.protocol === 'https:' ? secureRequest : plainRequest)(url, {
      method: 'POST',
      agent: false,
      ...(allowPrivate ? {} : { lookup }),
      signal: AbortSignal.any([signal, over]),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': bytes.length,
        'user-agent': 'signalbox-webhooks',
      },
    });
    request.once('response', resolve);
    request.once('error', reject);
    request.end(bytes);
  });
  let read = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    read += chunk.length;
    // Leaving the loop destroys the answer and its connection.
    if (read > ANSWER_BYTES) break;
  }
  return answer.statusCode ?? 0;
}
