import type pg from 'pg';
import { SignalboxError } from '../../errors/index.ts';
import type { ArchiveEnd, ArchiveHeader, Row, TableOpening } from './archive-format.ts';
import { readArchive } from './archive-reader.ts';
import { fixNotation, readRevision, readTables, type Table } from './catalog.ts';
import type { TableCount } from './export-data.ts';
import { matchPartitions } from './match-partitions.ts';
import { setAside } from './set-aside.ts';

export interface ImportOptions {
  /** Plain name of the table that records migrations. */
  migrationsTable: string;
  /** Plain names of tables that migrations fill; their rows may be there already, if the archive has the same. */
  seeded: readonly string[];
  /** Called after each table. */
  onTable?: (progress: TableCount) => void;
}

export interface ImportSummary {
  header: ArchiveHeader;
  tables: TableCount[];
}

/**
 * Fills an empty, migrated database from an archive, in one transaction: all of it or nothing. Afterwards the database holds row by row what the
 * archive does, whichever tiers it came from and goes to.
 *
 * @throws SignalboxError ARCHIVE_INVALID, ARCHIVE_REVISION, TARGET_NOT_EMPTY
 */
export async function importData(client: pg.ClientBase, file: string, options: ImportOptions): Promise<ImportSummary> {
  await client.query('BEGIN');
  try {
    await fixNotation(client);
    const summary = await fill(client, file, options);
    await client.query('COMMIT');
    return summary;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function fill(client: pg.ClientBase, file: string, options: ImportOptions): Promise<ImportSummary> {
  const tables = await readTables(client, options.migrationsTable);
  const counts: TableCount[] = [];
  let header: ArchiveHeader | null = null;
  let putBack: (() => Promise<void>) | null = null;
  let loader: TableLoader | null = null;
  let end: ArchiveEnd | null = null;
  for await (const part of readArchive(file)) {
    if (part.type === 'header') {
      header = part.header;
      await assertRevision(client, part.header, options.migrationsTable);
      await lock(client, tables);
      await assertEmpty(client, tables, options.seeded);
      putBack = await setAside(client);
      await matchPartitions(client, part.header.partitions);
    } else if (part.type === 'table') {
      loader = await TableLoader.open(client, file, part.opening, tables, options.seeded);
    } else if (part.type === 'rows') {
      await loader?.load(part.rows);
    } else if (part.type === 'tableEnd') {
      if (!loader) continue;
      loader.finish();
      const count = { table: loader.table.name, rows: part.rows };
      counts.push(count);
      options.onTable?.(count);
    } else {
      end = part.end;
    }
  }
  if (!header || !end) throw new SignalboxError('ARCHIVE_INVALID', { file, reason: 'it is empty' });
  await putBack?.();
  // Last, when nothing can be refused any more: positions of sequences are not taken back with the transaction.
  await setSequences(client, end.sequences);
  return { header, tables: counts };
}

async function assertRevision(client: pg.ClientBase, header: ArchiveHeader, migrationsTable: string): Promise<void> {
  const present = await readRevision(client, migrationsTable);
  if (JSON.stringify(present) === JSON.stringify(header.revision)) return;
  const last = (revision: readonly string[]) => revision.at(-1) ?? 'none';
  const advice =
    header.revision.length > present.length
      ? `Use Signalbox ${header.madeBy} or newer.`
      : `Bring the empty database to ${last(header.revision)} first, import, and migrate on from there.`;
  throw new SignalboxError('ARCHIVE_REVISION', { found: last(header.revision), expected: last(present), advice });
}

/** Keeps others out until the end, so that the database is still empty when it is filled. */
async function lock(client: pg.ClientBase, tables: readonly Table[]): Promise<void> {
  if (tables.length === 0) return;
  await client.query(`LOCK TABLE ${tables.map((table) => table.name).join(', ')} IN ACCESS EXCLUSIVE MODE`);
}

async function assertEmpty(client: pg.ClientBase, tables: readonly Table[], seeded: readonly string[]): Promise<void> {
  const filled: string[] = [];
  for (const table of tables) {
    if (isSeeded(table, seeded) || table.unlogged) continue;
    const { rows } = await client.query<{ filled: boolean }>(`SELECT EXISTS (SELECT FROM ${table.source}) AS filled`);
    if (rows[0]?.filled) filled.push(table.name);
  }
  if (filled.length > 0) throw new SignalboxError('TARGET_NOT_EMPTY', { tables: filled });
}

const isSeeded = (table: Table, seeded: readonly string[]) => seeded.some((name) => table.name === `public.${name}`);

async function setSequences(client: pg.ClientBase, sequences: ArchiveEnd['sequences']): Promise<void> {
  for (const { name, lastValue, isCalled } of sequences) {
    await client.query('SELECT setval($1::regclass, $2::bigint, $3)', [name, lastValue, isCalled]);
  }
}

/** Puts the rows of one table in, several hundred in a statement: one array of text forms for each column. */
class TableLoader {
  readonly table: Table;
  readonly #client: pg.ClientBase;
  readonly #insert: string;
  /** Rows that migrations have put there, as lines; what the archive has too is crossed out. */
  readonly #present: Set<string>;

  private constructor(client: pg.ClientBase, table: Table, columns: Table['columns'], present: Set<string>) {
    this.#client = client;
    this.table = table;
    this.#present = present;
    const names = columns.map((column) => column.name).join(', ');
    const values = columns.map((column, index) => `c${index + 1}::${column.type}`).join(', ');
    const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
    const aliases = columns.map((_, index) => `c${index + 1}`).join(', ');
    this.#insert = `INSERT INTO ${table.name} (${names}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM unnest(${arrays}) AS r(${aliases})`;
  }

  static async open(
    client: pg.ClientBase,
    file: string,
    opening: TableOpening,
    tables: readonly Table[],
    seeded: readonly string[],
  ): Promise<TableLoader> {
    const table = tables.find((candidate) => candidate.name === opening.table);
    const columns = opening.columns.flatMap((name) => table?.columns.find((column) => column.name === name) ?? []);
    if (!table || columns.length !== opening.columns.length) {
      const reason = `its table ${opening.table} (${opening.columns.join(', ')}) is not like the database's`;
      throw new SignalboxError('ARCHIVE_INVALID', { file, reason });
    }
    const present = isSeeded(table, seeded) ? await readLines(client, table, columns) : new Set<string>();
    return new TableLoader(client, table, columns, present);
  }

  async load(rows: readonly Row[]): Promise<void> {
    const fresh = rows.filter((row) => !this.#present.delete(JSON.stringify(row)));
    if (fresh.length === 0) return;
    const width = fresh[0]?.length ?? 0;
    const columns = Array.from({ length: width }, (_, index) => fresh.map((row) => row[index] ?? null));
    await this.#client.query(this.#insert, columns);
  }

  /** @throws SignalboxError TARGET_NOT_EMPTY when the table holds rows that the archive has not */
  finish(): void {
    if (this.#present.size > 0) throw new SignalboxError('TARGET_NOT_EMPTY', { tables: [this.table.name] });
  }
}

async function readLines(client: pg.ClientBase, table: Table, columns: Table['columns']): Promise<Set<string>> {
  const texts = columns.map((column) => `${column.name}::text`).join(', ');
  const { rows } = await client.query<{ row: Row }>(`SELECT ARRAY[${texts}] AS row FROM ${table.source}`);
  return new Set(rows.map(({ row }) => JSON.stringify(row)));
}
