import { HttpError } from './error-table.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what a web page of somebody else makes a browser send: every unsafe method, and event streams (design.md §8).
 * Browsers say where a request comes from in `Origin`, or at least in `Sec-Fetch-Site`; programs say neither.
 * @throws ORIGIN_NOT_ALLOWED
 */
export function guardOrigin(
  request: { method: string; headers: Readonly<Record<string, string | string[] | undefined>>; isStream: boolean },
  allowedOrigins: readonly string[],
): void {
  if (SAFE.has(request.method) && !request.isStream) return;
  const origin = one(request.headers.origin);
  if (origin !== undefined) {
    if (isOwn(origin, one(request.headers.host)) || allowedOrigins.includes(origin)) return;
    throw new HttpError('ORIGIN_NOT_ALLOWED', { origin });
  }
  const site = one(request.headers['sec-fetch-site']);
  if (site === 'cross-site' || site === 'same-site')
    throw new HttpError('ORIGIN_NOT_ALLOWED', { origin: `another site (${site})` });
}

/** The scheme is not compared: behind a proxy that ends TLS the page says https and we do not know. */
function isOwn(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
