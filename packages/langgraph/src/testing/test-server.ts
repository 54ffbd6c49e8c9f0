import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@signalbox/core';
import { postgresBackend } from '@signalbox/core/testing';
import { createServer } from '@signalbox/server';
import { pino } from 'pino';

export interface TestServer {
  url: string;
  stop(): Promise<void>;
}

/** A whole server on a database and a port of its own. */
export async function startTestServer(): Promise<TestServer> {
  const { database, connectionString, close } = await postgresBackend.open();
  await database.close();
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-langgraph-'));
  const environment = {
    SIGNALBOX_DATA_DIR: dataDir,
    SIGNALBOX_PORT: '0',
    SIGNALBOX_ROLES: 'api',
    SIGNALBOX_RATE_LIMIT: '0',
    DATABASE_URL: connectionString ?? '',
  };
  const configuration = loadConfiguration({ cwd: '/', environment });
  const server = createServer({ configuration, logger: pino({ level: 'silent' }) });
  const { address } = await server.start();
  await server.ready;
  return {
    url: address,
    stop: async () => {
      await server.stop();
      await close();
    },
  };
}
