import createFetchClient, { type Client as FetchClient } from 'openapi-fetch';
import type { paths } from '../generated/api.ts';
import { ApiError } from './api-error.ts';
import { csrfFetch } from './csrf-fetch.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import { DEFAULT_RETRY, type RetryPolicy, retryingFetch } from './retrying-fetch.ts';

export interface ClientOptions {
  /** Where the server is, without `/api/v1`: `http://127.0.0.1:4780`. In a page the page's own origin. */
  baseUrl: string;
  /** API key or JWT; none in open mode. */
  token?: string | null | undefined;
  /** In a page of the server: whoever signed this browser in acts, by its cookie. */
  byCookie?: boolean | undefined;
  /** Slug or id; the key's project, or `default`, without. */
  project?: string | null | undefined;
  /** Who acts, in open mode; a key carries its own name. */
  actor?: string | null | undefined;
  fetch?: typeof globalThis.fetch | undefined;
  retry?: RetryPolicy | undefined;
  /** Makes the `Idempotency-Key` of creating calls. */
  newKey?: (() => string) | undefined;
}

/** What may be given along with any call. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** What may be given along with a call that creates something. */
export interface CreateOptions extends CallOptions {
  /** Repeat a call with the same key and it takes effect once (24 h). Made by the client where none is given. */
  idempotencyKey?: string | undefined;
}

/** What may be given along with an action on one thing. */
export interface ActionOptions extends CallOptions {
  /** The version the caller has seen: the action is refused with 412 when it is another by now. */
  version?: number | undefined;
}

/** What the groups of methods share: typed calls, headers, and one way from an answer to a value or an error. */
export interface Transport {
  readonly baseUrl: string;
  readonly http: FetchClient<paths>;
  readonly fetch: typeof globalThis.fetch;
  /** The headers of every call: key, project, actor. */
  readonly headers: Record<string, string>;
  /** Headers and signal of a creating call. */
  creating(options?: CreateOptions): { headers: Record<string, string>; signal?: AbortSignal };
}

export function createTransport(options: ClientOptions): Transport {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const plain = options.fetch ?? globalThis.fetch.bind(globalThis);
  const fetch = options.byCookie ? csrfFetch(baseUrl, plain) : plain;
  const newKey = options.newKey ?? newIdempotencyKey;
  const headers = identityHeaders(options);
  return {
    baseUrl,
    fetch,
    headers,
    http: createFetchClient<paths>({
      baseUrl,
      headers,
      fetch: retryingFetch(baseUrl, fetch, options.retry ?? DEFAULT_RETRY),
    }),
    creating: (call) => ({
      headers: { 'Idempotency-Key': call?.idempotencyKey ?? newKey() },
      ...(call?.signal === undefined ? {} : { signal: call.signal }),
    }),
  };
}

/** The precondition of a change to something that was read at `version`. */
export function ifMatch(version: number): { 'If-Match': string } {
  return { 'If-Match': `"${version}"` };
}

/** Headers and signal of an action, which may but need not have a precondition. */
export function acting(options: ActionOptions = {}): { headers: Record<string, string>; signal?: AbortSignal } {
  return {
    headers: options.version === undefined ? {} : ifMatch(options.version),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}

/** The value of a successful answer. Throws {@link ApiError} for every other one. */
export async function answerOf<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<Exclude<T, undefined>> {
  const { data, error, response } = await answer;
  if (!response.ok) throw ApiError.fromAnswer(response.status, response.statusText, error);
  return data as Exclude<T, undefined>;
}

/** For answers without a body. Throws {@link ApiError} where the call did not succeed. */
export async function succeeded(answer: Promise<{ error?: unknown; response: Response }>): Promise<void> {
  const { error, response } = await answer;
  if (!response.ok) throw ApiError.fromAnswer(response.status, response.statusText, error);
}

function identityHeaders(options: ClientOptions): Record<string, string> {
  return {
    ...(options.token ? { Authorization: `Bearer ${options.token}` } : {}),
    ...(options.project ? { 'X-Signalbox-Project': options.project } : {}),
    ...(options.actor ? { 'X-Signalbox-Actor': options.actor } : {}),
  };
}
