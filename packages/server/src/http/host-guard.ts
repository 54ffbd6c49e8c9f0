import { isIP } from 'node:net';
import { isLoopback } from '@signalbox/core';
import { HttpError } from './error-table.ts';

export interface HostRules {
  /** The address that the server listens on. */
  listeningOn: string;
  /** Names, with or without a port. */
  allowedHosts: readonly string[];
}

/**
 * Refuses requests for names that are not this server's: a page whose name was rebound to our address still sends its
 * own name (design.md §8). An address, as against a name, cannot be rebound, so the one connected to is always good.
 * @throws HOST_NOT_ALLOWED
 */
export function guardHost(header: string | undefined, localAddress: string | undefined, rules: HostRules): void {
  const host = header?.toLowerCase() ?? '';
  const name = hostname(host);
  const own =
    name !== null &&
    (isLoopback(name) ||
      name === bare(rules.listeningOn) ||
      (isIP(name) !== 0 && localAddress !== undefined && name === bare(localAddress)) ||
      rules.allowedHosts.some((allowed) => allowed.toLowerCase() === host || allowed.toLowerCase() === name));
  if (!own) throw new HttpError('HOST_NOT_ALLOWED', { host: header ?? '' });
}

/** The name in a Host header, without port and brackets; null when it is no such thing. */
function hostname(host: string): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/.exec(host);
  return match?.[1] === undefined ? null : bare(match[1]);
}

function bare(address: string): string {
  return address
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/^::ffff:(?=\d+\.)/, '');
}
