import type pg from 'pg';
import type { Clock } from '../../clock/clock.ts';
import { ARCHIVE_FORMAT, type ArchiveEnd, type ArchiveHeader } from './archive-format.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { fixNotation, readPartitions, readRevision, readSequences, readTables, type Table } from './catalog.ts';

/** Rows fetched at once. */
const FETCH = 500;

export interface ExportOptions {
  /** Plain name of the table that records migrations; it does not travel, its contents stand in the header. */
  migrationsTable: string;
  /** Signalbox's version, for the header. */
  programVersion: string;
  clock: Clock;
  /** Called after each table. */
  onTable?: (progress: TableCount) => void;
}

export interface TableCount {
  table: string;
  rows: number;
}

export interface ExportSummary {
  header: ArchiveHeader;
  tables: TableCount[];
  /** Bytes of the file. */
  size: number;
}

/**
 * Writes all data into one archive, as of one moment: writers go on meanwhile and none of what they do is in it. The connection is busy until
 * the end (on PGlite, which has one, everybody waits).
 *
 * @throws SignalboxError ARCHIVE_EXISTS, ARCHIVE_NOT_WRITTEN; nothing is left of the file then
 */
export async function exportData(client: pg.ClientBase, file: string, options: ExportOptions): Promise<ExportSummary> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  try {
    await fixNotation(client);
    const tables = await readTables(client, options.migrationsTable);
    const { rows: versions } = await client.query<{ version: string }>(
      `SELECT split_part(current_setting('server_version'), ' ', 1) AS version`,
    );
    const header: ArchiveHeader = {
      signalbox: 'archive',
      format: ARCHIVE_FORMAT,
      madeBy: options.programVersion,
      madeAt: options.clock.now().toISOString(),
      postgres: versions[0]?.version ?? '',
      revision: await readRevision(client, options.migrationsTable),
      partitions: await readPartitions(client),
      leftOut: tables.filter((table) => table.unlogged).map((table) => table.name),
    };
    const logged = tables.filter((table) => !table.unlogged);
    const writer = await ArchiveWriter.create(file, header);
    try {
      const counts: TableCount[] = [];
      for (const table of logged) {
        const count = { table: table.name, rows: await exportTable(client, writer, table) };
        counts.push(count);
        options.onTable?.(count);
      }
      const size = await writer.finish(await readPositions(client));
      return { header, tables: counts, size };
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  } finally {
    await client.query('ROLLBACK');
  }
}

async function exportTable(client: pg.ClientBase, writer: ArchiveWriter, table: Table): Promise<number> {
  const columns = table.columns.map((column) => column.name);
  await writer.openTable({ table: table.name, columns });
  // The database itself writes the line: the driver sees one column of text and converts nothing.
  const line = `array_to_json(ARRAY[${columns.map((column) => `${column}::text`).join(', ')}])::text AS line`;
  await client.query(`DECLARE archive NO SCROLL CURSOR FOR SELECT ${line} FROM ${table.source}`);
  for (;;) {
    const { rows } = await client.query<{ line: string }>(`FETCH ${FETCH} FROM archive`);
    if (rows.length === 0) break;
    await writer.rows(rows.map((row) => row.line));
  }
  await client.query('CLOSE archive');
  return writer.closeTable();
}

/**
 * Where the sequences stand. They do not obey the snapshot; read after it was taken, they are at or past every number in the rows.
 */
async function readPositions(client: pg.ClientBase): Promise<ArchiveEnd['sequences']> {
  const positions: ArchiveEnd['sequences'] = [];
  for (const { name } of await readSequences(client)) {
    const { rows } = await client.query<{ lastValue: string; isCalled: boolean }>(
      `SELECT last_value::text AS "lastValue", is_called AS "isCalled" FROM ${name}`,
    );
    if (rows[0]) positions.push({ name, ...rows[0] });
  }
  return positions;
}
