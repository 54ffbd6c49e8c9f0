import { realpath } from 'node:fs/promises';
import {
  type ConfigurationSources,
  type ExportSummary,
  type ImportSummary,
  importData,
  loadConfiguration,
  MIGRATIONS_TABLE,
  Migrator,
  receiveArchive,
  SEEDED_TABLES,
  SignalboxError,
} from '@signalbox/core';
import { type TableProgress, writeArchive } from '../exports/write-archive.ts';
import { readLocalData, withLocalData } from './local-data.ts';

/** A running server, as its client shows it. */
export interface RunningServer {
  system(): Promise<{ dataDir: string }>;
  /** All data, as an archive. */
  exportDatabase(): Promise<AsyncIterable<Uint8Array>>;
}

/** How to talk to the server at an address. */
export type ConnectServer = (address: string) => RunningServer;

/**
 * Writes all data into one file, as of one moment; also beside a running server, which on PGlite is asked for it, since
 * nobody else can reach its database.
 * @throws ARCHIVE_EXISTS, ARCHIVE_NOT_WRITTEN, DATA_DIRECTORY_IN_USE by something that is no server; what `connect` throws
 */
export async function exportArchive(
  sources: ConfigurationSources,
  file: string,
  onTable: TableProgress,
  connect: ConnectServer,
): Promise<ExportSummary> {
  try {
    return await readLocalData(sources, ({ database }) => writeArchive(database, file, onTable));
  } catch (error) {
    if (!SignalboxError.is(error, 'DATA_DIRECTORY_IN_USE')) throw error;
    const { address } = error.details;
    if (typeof address !== 'string') throw error;
    const server = connect(address);
    const send = async () => {
      // The address is only what was written down: by now, or on this machine, another server may answer there.
      const { dataDir } = await server.system();
      if (!(await sameDirectory(dataDir, loadConfiguration(sources).values.dataDir))) throw error;
      return server.exportDatabase();
    };
    return receiveArchive(file, send, onTable);
  }
}

/**
 * Fills an empty database from such a file, whichever tier it came from: all of it or nothing.
 * @throws ARCHIVE_INVALID, ARCHIVE_REVISION, TARGET_NOT_EMPTY, DATA_DIRECTORY_IN_USE
 */
export function importArchive(
  sources: ConfigurationSources,
  file: string,
  onTable: TableProgress,
): Promise<ImportSummary> {
  return withLocalData(sources, async ({ database }) => {
    await new Migrator(database).up();
    return database.withClient((client) =>
      importData(client, file, { migrationsTable: MIGRATIONS_TABLE, seeded: SEEDED_TABLES, onTable }),
    );
  });
}

async function sameDirectory(theirs: string, ours: string): Promise<boolean> {
  try {
    return (await realpath(theirs)) === (await realpath(ours));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
