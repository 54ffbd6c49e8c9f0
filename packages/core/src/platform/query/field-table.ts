import type { RawBuilder } from 'kysely';

/** What a field holds; decides its operators and how filter values are checked. */
export type FieldKind =
  | 'text'
  | 'uuid'
  | 'enum'
  | 'status'
  | 'boolean'
  | 'integer'
  | 'bigint'
  | 'number'
  | 'time'
  | 'json';

/** A field of a noun as lists know it. */
export type Field = {
  /** Column it is read from, qualified by the alias the store uses: `s.created_at`. */
  column: string;
  /** True where the column may be null: then `null` is a value of `eq` and `neq`, and nulls sort last. */
  nullable?: boolean;
} & (
  | { kind: 'enum' | 'status'; values: readonly string[] }
  | { kind: Exclude<FieldKind, 'enum' | 'status' | 'json'> }
  | {
      kind: 'json';
      /** For JSON that is not a column: the condition that says "holds this value". */
      holds?: (value: unknown) => RawBuilder<unknown>;
    }
);

/** All that lists of a noun can be filtered and sorted by, keyed by the field's name on the wire. */
export interface FieldTable {
  /** The noun in the singular, for messages. */
  noun: string;
  fields: Readonly<Record<string, Field>>;
  /** Used when no sort key is asked for (ORC-094). */
  defaultSort: { by: string; order: SortOrder };
  /** The last sort key of every list, always unique (ORC-094). */
  idColumn: string;
  /** Rows with a time here are left out unless asked for (ORC-096); null for nouns that are not soft-deleted. */
  deletedColumn: string | null;
}

export type SortOrder = 'asc' | 'desc';

/** SQL type of a field's values, for casts of bound values. */
export function sqlType(kind: FieldKind): string {
  return SQL_TYPES[kind];
}

const SQL_TYPES: Readonly<Record<FieldKind, string>> = {
  text: 'text',
  uuid: 'uuid',
  enum: 'text',
  status: 'text',
  boolean: 'boolean',
  integer: 'integer',
  bigint: 'bigint',
  number: 'double precision',
  time: 'timestamptz',
  json: 'jsonb',
};
