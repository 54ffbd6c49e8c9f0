import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BatchObserver, type Core, createCore, Migrator, type PgDatabase } from '@signalbox/core';
import { insertTestProject } from '@signalbox/core/testing';
import { pino } from 'pino';

/** All of Signalbox but its server, in this process, as the server has it. */
export interface OpenedCore {
  core: Core;
  /** A new project. */
  projectId: string;
  /** Also closes the database. */
  close(): Promise<void>;
}

/**
 * Migrates the database and starts a core on it.
 * @param options.nodeId must differ between processes on one database: nodes do not listen to themselves
 */
export async function openCore(
  database: PgDatabase,
  { batches, nodeId = 'bench' }: { batches?: BatchObserver; nodeId?: string } = {},
): Promise<OpenedCore> {
  await new Migrator(database).up();
  const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-bench-'));
  const logger = pino({ level: 'warn' }, pino.destination(2));
  const core = createCore({ database, dataDir, nodeId, logger, ...(batches ? { batches } : {}) });
  core.start();
  return {
    core,
    projectId: await insertTestProject(database),
    close: async () => {
      await core.close();
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
