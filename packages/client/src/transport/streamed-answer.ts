import { ApiError } from './api-error.ts';
import { parseJson } from './parse-json.ts';
import type { Transport } from './transport.ts';

/** The answer of a call whose body is read as it comes. Throws {@link ApiError} for what the server refuses. */
export async function streamedAnswer(
  transport: Transport,
  path: string,
  init: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Response> {
  const response = await transport.fetch(`${transport.baseUrl}${path}`, {
    ...init,
    headers: { ...transport.headers, ...init.headers },
    cache: 'no-store',
  });
  if (response.ok) return response;
  const text = await response.text();
  throw ApiError.fromAnswer(response.status, response.statusText, parseJson(text) ?? text);
}
