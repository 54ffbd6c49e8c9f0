import type { Io } from './io.ts';

/** Where a server listens that was told nothing else. */
export const DEFAULT_URL = 'http://127.0.0.1:4780';

/** `SIGNALBOX_URL`, else the address that a server started with this environment would listen on. */
export function serverUrl(env: Io['env']): string {
  if (env.SIGNALBOX_URL) return env.SIGNALBOX_URL;
  const { hostname, port } = new URL(DEFAULT_URL);
  const host = env.SIGNALBOX_HOST || hostname;
  const reachable = host === '0.0.0.0' || host === '::' ? hostname : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${env.SIGNALBOX_PORT || port}`;
}
