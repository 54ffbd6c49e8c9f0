import {
  type ConfigurationSources,
  type ExportSummary,
  exportData,
  type ImportSummary,
  importData,
  MIGRATIONS_TABLE,
  Migrator,
  SEEDED_TABLES,
  systemClock,
  type TableCount,
} from '@signalbox/core';
import { SERVER_VERSION } from '../version.ts';
import { readLocalData, withLocalData } from './local-data.ts';

/** Told after each table. */
export type TableProgress = (progress: TableCount) => void;

/**
 * Writes all data into one file, as of one moment; also beside a running server, except on PGlite.
 * @throws ARCHIVE_EXISTS, ARCHIVE_NOT_WRITTEN, DATA_DIRECTORY_IN_USE
 */
export function exportArchive(
  sources: ConfigurationSources,
  file: string,
  onTable: TableProgress,
): Promise<ExportSummary> {
  return readLocalData(sources, ({ database }) =>
    database.withClient((client) =>
      exportData(client, file, {
        migrationsTable: MIGRATIONS_TABLE,
        programVersion: SERVER_VERSION,
        clock: systemClock,
        onTable,
      }),
    ),
  );
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
