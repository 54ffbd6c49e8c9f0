import {
  type ExportSummary,
  exportData,
  MIGRATIONS_TABLE,
  type PgDatabase,
  systemClock,
  type TableCount,
} from '@signalbox/core';
import { SERVER_VERSION } from '../version.ts';

/** Told after each table; may throw to break off. */
export type TableProgress = (progress: TableCount) => void;

/** Writes all data into one file, as of one moment. @throws ARCHIVE_EXISTS, ARCHIVE_NOT_WRITTEN */
export function writeArchive(
  database: Pick<PgDatabase, 'withClient'>,
  file: string,
  onTable: TableProgress,
): Promise<ExportSummary> {
  return database.withClient((client) =>
    exportData(client, file, {
      migrationsTable: MIGRATIONS_TABLE,
      programVersion: SERVER_VERSION,
      clock: systemClock,
      onTable,
    }),
  );
}
