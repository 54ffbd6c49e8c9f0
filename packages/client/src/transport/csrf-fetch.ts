import { parseJson } from './parse-json.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A fetch for pages that are signed in by cookie: whatever changes something carries the token that the server tells who
 * has the cookie. Asked for with the first such call, and once more where it turns out to be of another sign-in.
 */
export function csrfFetch(baseUrl: string, fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  let known: Promise<string | null> | null = null;
  const ask = async (): Promise<string | null> => {
    const answer = await fetch(`${baseUrl}/api/v1/identity`, { cache: 'no-store' });
    const told = parseJson(await answer.text()) as { csrfToken?: string | null } | undefined;
    return answer.ok ? (told?.csrfToken ?? null) : null;
  };
  const send = async (request: Request): Promise<Response> => {
    known ??= ask();
    const token = await known.catch((error: unknown) => {
      known = null;
      throw error;
    });
    if (token !== null) request.headers.set('X-Signalbox-CSRF', token);
    return fetch(request);
  };
  return async (input, init) => {
    const request = new Request(input, init);
    if (SAFE.has(request.method) || request.headers.has('Authorization')) return fetch(request);
    const again = request.clone();
    const answer = await send(request);
    if (answer.status !== 403 || !(await answer.clone().text()).includes('CSRF_TOKEN_INVALID')) return answer;
    known = null;
    return send(again);
  };
}
