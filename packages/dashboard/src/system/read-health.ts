import type { Client } from '@signalbox/client';
import { parseHealth, type ServerHealth } from './server-health.ts';

/** `/health` stands outside of the API; it answers 503 with the same document while something is wrong. */
export async function readHealth(client: Client, signal: AbortSignal): Promise<ServerHealth> {
  const response = await fetch(`${client.baseUrl}/health`, { signal, cache: 'no-store' });
  return parseHealth(await response.json());
}
