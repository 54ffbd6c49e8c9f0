import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import { HttpError } from '../http/error-table.ts';

/** Header in which a page repeats the token that `GET /identity` told it: other sites' pages cannot read that. */
export const CSRF_HEADER = 'x-signalbox-csrf';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Cookies know no ports: two servers of one machine would otherwise sign each other out. */
function nameFor({ host = '' }: IncomingHttpHeaders): string {
  return `signalbox-session-${/:(\d+)$/.exec(host)?.[1] ?? 'web'}`;
}

/** Before the name of a cookie that came by TLS: browsers take such a one from this very host only, not from a neighbour in its domain. */
const HOST_ONLY = '__Host-';

/** What the cookie holds, or null. */
export function cookieSecret(headers: IncomingHttpHeaders): string | null {
  const cookies = parseCookie(headers.cookie ?? '');
  const name = nameFor(headers);
  return cookies[`${HOST_ONLY}${name}`] ?? cookies[name] ?? null;
}

/**
 * The cookie of a browser session: unreadable for pages, and not sent along from other sites.
 * @param secret null takes it back.
 * @param maxAge seconds
 */
export function sessionCookie(headers: IncomingHttpHeaders, secret: string | null, maxAge: number): string {
  // Behind a proxy that ends TLS it is only the page that knows of it.
  const secure = headers.origin?.startsWith('https:') ?? false;
  return stringifySetCookie({
    name: `${secure ? HOST_ONLY : ''}${nameFor(headers)}`,
    value: secret ?? '',
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    maxAge: secret === null ? 0 : maxAge,
  });
}

/** Follows from the cookie, so that nothing need be kept; and the cookie does not follow from it. */
export function csrfToken(secret: string): string {
  return createHmac('sha256', secret).update('csrf').digest('base64url');
}

/**
 * Refuses what a browser sends by cookie alone: whatever changes something must come from an own page and with the token.
 * @throws ORIGIN_NOT_ALLOWED, CSRF_TOKEN_INVALID
 */
export function guardCsrf(request: { method: string; headers: IncomingHttpHeaders }, secret: string): void {
  const { method, headers } = request;
  if (SAFE.has(method)) return;
  // One that is named has been looked at; browsers name it with every such request, or say that it is their own.
  if (headers.origin === undefined && headers['sec-fetch-site'] !== 'same-origin') {
    throw new HttpError('ORIGIN_NOT_ALLOWED', { origin: 'no site that is named' });
  }
  const given = Buffer.from(String(headers[CSRF_HEADER] ?? ''));
  const wanted = Buffer.from(csrfToken(secret));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new HttpError('CSRF_TOKEN_INVALID');
}
