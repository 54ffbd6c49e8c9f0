import { isIPv4, isIPv6 } from 'node:net';
import { SignalboxError } from '../errors/index.ts';
import type { LoadedConfiguration } from './load-configuration.ts';

/** True for names and addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost') return true;
  if (isIPv4(bare)) return bare.startsWith('127.');
  if (!isIPv6(bare)) return false;
  return new URL(`http://[${bare}]`).hostname === '[::1]' || /^::ffff:127\./.test(bare);
}

/**
 * Open mode runs commands for whoever can reach it, so it is for loopback only (design.md §8).
 * @throws CONFIGURATION_INVALID for any other address without authentication.
 */
export function assertSafeToListen(loaded: LoadedConfiguration): void {
  const { host, auth } = loaded.values;
  if (auth === 'required' || isLoopback(host)) return;
  throw new SignalboxError('CONFIGURATION_INVALID', {
    key: 'host',
    origin: loaded.origins.host,
    reason: `${host} can be reached from other machines; set SIGNALBOX_AUTH=required (and make a key with \`signalbox keys create --first\`), or listen on 127.0.0.1`,
  });
}
