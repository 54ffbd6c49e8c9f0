import { loadConfiguration } from '@signalbox/core';
import { createServer } from '@signalbox/server';

/** A whole Signalbox server with all its roles, as `signalbox up` runs it, until the channel to the benchmark breaks. */
const { databaseUrl, dataDir } = JSON.parse(process.argv[2] ?? '{}') as { databaseUrl: string; dataDir: string };
const server = createServer({
  configuration: loadConfiguration({
    cwd: dataDir,
    environment: {
      DATABASE_URL: databaseUrl,
      SIGNALBOX_DATA_DIR: dataDir,
      SIGNALBOX_PORT: '0',
      SIGNALBOX_LOG_LEVEL: 'warn',
    },
  }),
});
const { address } = await server.start();
await server.ready;
process.once('disconnect', () => server.stop());
process.send?.({ address });
