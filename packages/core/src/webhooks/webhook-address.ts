import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { SignalboxError } from '../platform/errors/index.ts';

/** Resolves a name to all its addresses, as `dns.lookup` does. */
export type Resolve = (
  host: string,
  options: { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** IPv6 addresses that are given out to the public: everything else is reserved, mapped or local. */
const PUBLIC_IPV6 = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/**
 * Why nothing may be sent to this address (loopback, private, link-local, metadata, …), or null for a public one. Addresses that hold
 * an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo) are refused, or judged by it; whatever is no address is refused.
 */
export function refusedAddress(address: string): string | null {
  if (!ipaddr.isValid(address)) return 'no address';
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range !== 'unicast') return range;
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(PUBLIC_IPV6)) return 'reserved';
  return null;
}

/**
 * The address of an endpoint, checked as far as it can be without resolving its name; the rest is checked at each connection by
 * {@link guardedLookup}.
 * @throws WEBHOOK_URL_REFUSED
 */
export function checkWebhookUrl(text: string, allowPrivate: boolean): URL {
  const refuse = (reason: string) => new SignalboxError('WEBHOOK_URL_REFUSED', { reason });
  if (!URL.canParse(text)) throw refuse('it is no URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('it must be https');
  if (url.protocol === 'http:' && !allowPrivate) throw refuse('it must be https, so that nobody reads along');
  if (url.username !== '' || url.password !== '') throw refuse('it must not hold a user or password');
  if (allowPrivate) return url;
  const host = literalOf(url);
  const range = isIP(host) === 0 ? null : refusedAddress(host);
  if (range !== null) throw refuse(`${host} is not a public address (${range})`);
  return url;
}

/** The host of a URL without brackets: URLs have turned decimal, octal and hexadecimal notations into dotted ones. */
function literalOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/**
 * A `lookup` for sockets that gives addresses to connect to only where each of them is public. What it checks is what is connected to:
 * a name that resolves to something else the next time gains nothing.
 */
export function guardedLookup(resolve: Resolve = systemLookup): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const only = { IPv4: 4, IPv6: 6, 4: 4, 6: 6, 0: null }[options.family ?? 0] ?? null;
      const wanted = addresses.filter(({ family }) => only === null || family === only);
      const refused = addresses.find(({ address }) => refusedAddress(address) !== null);
      const [first] = wanted;
      if (refused || !first) {
        const reason = refused ? `${host} resolves to ${refused.address}` : `${host} has no address`;
        return callback(new SignalboxError('WEBHOOK_URL_REFUSED', { reason }), '', 0);
      }
      if (options.all) return callback(null, wanted);
      callback(null, first.address, first.family);
    });
  };
}
