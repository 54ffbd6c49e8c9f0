import pg from 'pg';
import { SignalboxError } from '../../errors/index.ts';
import type { OpenTier } from './tier.ts';

const OLDEST = 150000;

/** Milliseconds for the first look at the server. */
const PATIENCE = 5_000;

/**
 * A PostgreSQL server of the user's own. One that cannot be reached just now is no error: the program starts without it and waits.
 *
 * @throws SignalboxError UNSUPPORTED_DATABASE when it is older than 15
 */
export async function openServer(databaseUrl: string): Promise<OpenTier> {
  const poolConfig: pg.PoolConfig = { connectionString: databaseUrl };
  const client = new pg.Client({ ...poolConfig, connectionTimeoutMillis: PATIENCE });
  // A server that goes amid the look fails what is asked of it; without a listener it would end the process.
  client.on('error', () => undefined);
  let version = 'unknown';
  let notice: string | null = null;
  try {
    await client.connect();
    version = await supportedVersion(client);
  } catch (error) {
    if (SignalboxError.is(error)) throw error;
    notice = `The database server cannot be reached just now (${error instanceof Error ? error.message : String(error)}). Waiting for it.`;
  } finally {
    await client.end();
  }
  return {
    kind: 'server',
    poolConfig,
    notice,
    version,
    adopted: false,
    announce: async () => undefined,
    close: async () => undefined,
  };
}

/**
 * The version of the server that `client` is connected to: '15.18'.
 *
 * @throws SignalboxError UNSUPPORTED_DATABASE when it is older than 15
 */
export async function supportedVersion(client: Pick<pg.ClientBase, 'query'>): Promise<string> {
  const { rows } = await client.query<{ number: string; version: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version`,
  );
  const version = rows[0]?.version.split(' ')[0] ?? '';
  if (Number(rows[0]?.number) < OLDEST) throw new SignalboxError('UNSUPPORTED_DATABASE', { version });
  return version;
}
