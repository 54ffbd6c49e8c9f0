import type { Client } from '@signalbox/client';
import { UsageError } from './usage-error.ts';

/** A session's id from what was typed: the id itself, or `last` for the one created last. */
export async function resolveSession(client: Client, reference: string): Promise<string> {
  if (reference !== 'last') return reference;
  const page = await client.sessions.list({ pageSize: 1, sortBy: 'createdAt', sortOrder: 'desc' });
  const session = page.items[0];
  if (session === undefined) throw new UsageError('There is no session yet, so there is no last one.');
  return session.id;
}
