import { ApiError, type Client, type CreateSession, type Session } from '@signalbox/client';

const ATTEMPTS = 5;

/**
 * Creates the session; a title already taken by a live session gets a short suffix, unless it was chosen (design.md §9).
 */
export async function createTitled(client: Client, wanted: CreateSession, mayChange: boolean): Promise<Session> {
  for (let attempt = 1; ; attempt++) {
    const title = attempt === 1 ? wanted.title : `${wanted.title} #${shortSuffix()}`;
    try {
      return await client.sessions.create({ ...wanted, title });
    } catch (error) {
      if (!mayChange || attempt === ATTEMPTS || !ApiError.is(error, 'SESSION_EXISTS')) throw error;
    }
  }
}

/** Four characters: enough to tell the live sessions of one title apart. */
function shortSuffix(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => (byte % 36).toString(36)).join('');
}
