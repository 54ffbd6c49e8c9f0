import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServerPostgres, startServerPostgres } from '../../../testing/server-postgres.ts';
import { systemClock } from '../../clock/clock.ts';
import { openTier, supportedVersion } from './index.ts';

describe('a server by DATABASE_URL', () => {
  let server: ServerPostgres;
  beforeAll(async () => {
    server = await startServerPostgres();
  });
  afterAll(() => server.stop());
  const open = () =>
    openTier(
      { databaseUrl: server.connectionString, dataDir: '/nowhere', embedded: null },
      { clock: systemClock, programVersion: '0.0.0-test' },
    );

  it('is connected to, needs no data directory, and goes on when closed', async () => {
    const tier = await open();
    expect(tier).toMatchObject({ kind: 'server', notice: null, adopted: false });
    expect(tier.version).toMatch(new RegExp(`^${server.major}\\.`));
    await tier.close();
    const client = new pg.Client(tier.poolConfig);
    await client.connect();
    await client.end();
  });

  it('may be away when the program starts', async () => {
    await server.halt();
    const tier = await open();
    expect(tier.version).toBe('unknown');
    expect(tier.notice).toMatch(/cannot be reached just now .*ECONNREFUSED/);
    await server.restart();
    const client = new pg.Client(tier.poolConfig);
    await client.connect();
    expect(await supportedVersion(client)).toMatch(/^\d+\.\d+$/);
    await client.end();
  });

  it('is refused when it is older than 15', async () => {
    // What a 14 would answer; there is none to be had beside the others.
    const old = { query: async () => ({ rows: [{ number: '140012', version: '14.12 (Debian 14.12-1)' }] }) };
    await expect(supportedVersion(old as unknown as pg.Client)).rejects.toMatchObject({
      code: 'UNSUPPORTED_DATABASE',
      details: { version: '14.12' },
    });
  });
});
