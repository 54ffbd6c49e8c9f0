import type pg from 'pg';
import { MIGRATIONS_TABLE } from './migrator.ts';

/** What the catalog says of one schema: a line per object, the same on every PostgreSQL major we support. */
export type SchemaDescription = readonly string[];

/**
 * Majors differ in three ways that are evened out here: a view's columns are qualified or not, identity shows on partitions or not, and
 * NOT NULL became a constraint of its own in PostgreSQL 18; it is described with its column instead.
 */
const QUERIES = [
  `SELECT format('column %I.%I %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
     CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
     CASE WHEN a.attidentity::text <> '' AND NOT c.relispartition THEN ' identity ' || a.attidentity::text ELSE '' END,
     coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')) AS line
   FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
   LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
   WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0
     AND NOT a.attisdropped AND NOT (c.relispartition AND c.relname !~ '_default$')`,
  `SELECT format('table %I %s%s', c.relname, c.relkind::text, c.relpersistence::text) AS line FROM pg_class c
   WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
     AND NOT (c.relispartition AND c.relname !~ '_default$')`,
  `SELECT format('constraint %I.%I %s', c.relname, k.conname, pg_get_constraintdef(k.oid)) AS line
   FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
   WHERE c.relnamespace = current_schema()::regnamespace AND k.contype <> 'n' AND NOT c.relispartition`,
  `SELECT pg_get_indexdef(i.indexrelid) AS line FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
   WHERE c.relnamespace = current_schema()::regnamespace AND NOT c.relispartition`,
  `SELECT pg_get_triggerdef(t.oid) AS line FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
   WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal AND NOT c.relispartition`,
  `SELECT format('function %I(%s) %s', p.proname, pg_get_function_identity_arguments(p.oid), md5(p.prosrc)) AS line
   FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace`,
  `SELECT format('view %I %s', c.relname, regexp_replace(pg_get_viewdef(c.oid), '\\m[a-z_]+\\.', '', 'g')) AS line FROM pg_class c
   WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'v'`,
  `SELECT format('sequence %I', c.relname) AS line FROM pg_class c
   WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'S'`,
];

/** Describes the current schema, the migrations' own table left out. */
export async function describeSchema(client: pg.ClientBase): Promise<SchemaDescription> {
  const lines: string[] = [];
  for (const query of QUERIES) {
    const { rows } = await client.query<{ line: string }>(query);
    for (const { line } of rows) lines.push(line.replace(/\s+/g, ' ').trim());
  }
  return lines.filter((line) => !line.includes(MIGRATIONS_TABLE)).sort();
}

/** What is there and should not be (`+`), and what should be there and is not (`-`). Empty when nothing differs. */
export function compareSchemas(expected: SchemaDescription, found: SchemaDescription): string[] {
  const wanted = new Set(expected);
  const there = new Set(found);
  return [
    ...expected.filter((line) => !there.has(line)).map((line) => `- ${line}`),
    ...found.filter((line) => !wanted.has(line)).map((line) => `+ ${line}`),
  ];
}
