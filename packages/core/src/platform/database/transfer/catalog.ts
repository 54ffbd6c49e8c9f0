import type pg from 'pg';
import type { Partition } from './archive-format.ts';

/** A table whose rows travel; partitions travel as rows of the table that they belong to. */
export interface Table {
  /** Qualified and quoted. */
  name: string;
  /** What to select from: without rows of tables that inherit from it, but with those of its partitions. */
  source: string;
  unlogged: boolean;
  columns: Column[];
}

export interface Column {
  /** Quoted. */
  name: string;
  /** As in `CREATE TABLE`, with its modifier: 'numeric(10,2)'. */
  type: string;
}

export interface Sequence {
  /** Qualified and quoted. */
  name: string;
}

/** Ours to carry: what is in user schemas, and neither temporary nor part of an extension. */
const OURS = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e')`;

const NAME = `format('%I.%I', n.nspname, c.relname)`;

/** Tables and their columns, without generated ones: those are computed again. `except` is a plain name, the table that records migrations. */
export async function readTables(client: pg.ClientBase, except: string): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `SELECT ${NAME} AS name,
            CASE c.relkind WHEN 'p' THEN ${NAME} ELSE 'ONLY ' || ${NAME} END AS source,
            c.relpersistence = 'u' AS unlogged,
            json_agg(json_build_object('name', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod))
                     ORDER BY a.attnum) AS columns
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> $1 AND ${OURS}
      GROUP BY n.nspname, c.relname, c.relkind, c.relpersistence
      ORDER BY 1`,
    [except],
  );
  return rows;
}

/** Partitions at all levels, parents before children. */
export async function readPartitions(client: pg.ClientBase): Promise<Partition[]> {
  const { rows } = await client.query<Partition>(
    `SELECT ${NAME} AS name,
            (SELECT format('%I.%I', pn.nspname, p.relname)
               FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
              WHERE i.inhrelid = c.oid) AS parent,
            pg_get_expr(c.relpartbound, c.oid) AS bound,
            pg_get_partkeydef(c.oid) AS key
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relispartition AND ${OURS}
      ORDER BY (SELECT count(*) FROM pg_partition_ancestors(c.oid)), 1`,
  );
  return rows;
}

/** Every sequence, those behind identity columns included. */
export async function readSequences(client: pg.ClientBase): Promise<Sequence[]> {
  const { rows } = await client.query<Sequence>(
    `SELECT ${NAME} AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'S' AND ${OURS} ORDER BY 1`,
  );
  return rows;
}

/** Names of the applied migrations, oldest first; none where there is no such table. */
export async function readRevision(client: pg.ClientBase, migrationsTable: string): Promise<string[]> {
  const { rows: found } = await client.query<{ name: string | null }>(
    'SELECT to_regclass(quote_ident($1))::text AS name',
    [migrationsTable],
  );
  const table = found[0]?.name;
  if (!table) return [];
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${table} ORDER BY id`);
  return rows.map((row) => row.name);
}

/** Makes every type's text form unambiguous, for the present transaction. */
export async function fixNotation(client: pg.ClientBase): Promise<void> {
  await client.query(
    `SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL TimeZone = 'UTC';
     SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL statement_timeout = 0`,
  );
}
