import { ServerUnreachableError } from './api-error.ts';
import { type Backoff, backoffDelay, pause } from './backoff.ts';

export interface RetryPolicy extends Backoff {
  /** How often a read is tried in all; 1 switches retries off. */
  attempts: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, firstMs: 100, maxMs: 1000 };

/** Statuses whose answers may not carry a body. */
const WITHOUT_BODY = [204, 205, 304];

/**
 * A fetch that tries reads again when the connection is refused or lost, also half-way through the body. Writes are
 * never repeated here: whether the first one arrived is not known (send an idempotency key and repeat them yourself).
 * Rejects with {@link ServerUnreachableError}, or with the signal's reason when aborted.
 */
export function retryingFetch(
  baseUrl: string,
  fetch: typeof globalThis.fetch,
  policy: RetryPolicy,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const repeatable = request.method === 'GET' || request.method === 'HEAD';
    const attempts = repeatable ? Math.max(1, policy.attempts) : 1;
    for (let attempt = 1; ; attempt++) {
      try {
        return await readWhole(await fetch(repeatable ? request.clone() : request));
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason;
        if (attempt >= attempts) throw new ServerUnreachableError(baseUrl, { cause: error });
        await pause(backoffDelay(policy, attempt), request.signal);
      }
    }
  };
}

/** The same answer with its body in memory, so that a body cut short shows here, where it can be asked for again. */
async function readWhole(response: Response): Promise<Response> {
  const body = await response.arrayBuffer();
  return new Response(WITHOUT_BODY.includes(response.status) ? null : body, {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
}
