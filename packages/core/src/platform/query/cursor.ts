import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { SignalboxError } from '../errors/index.ts';
import { uuidSchema } from '../ids/ids.ts';
import type { FieldKind, SortOrder } from './field-table.ts';

/** Where a list goes on: the sort key and id of the last item seen. `key` is exact to the microsecond. */
export interface Cursor {
  sortBy: string;
  sortOrder: SortOrder;
  key: string | null;
  id: string;
}

const cursorSchema = z.tuple([z.string(), z.enum(['asc', 'desc']), z.string().nullable(), uuidSchema]);

/** Forms in which {@link sortKey} gives keys; anything else was not made by us and must not reach the database. */
const KEY_FORMS: Readonly<Record<Exclude<FieldKind, 'json'>, z.ZodType>> = {
  text: z.string().regex(/^[^\0]*$/),
  enum: z.string().regex(/^[^\0]*$/),
  status: z.string().regex(/^[^\0]*$/),
  uuid: uuidSchema,
  boolean: z.enum(['true', 'false']),
  integer: z.string().regex(/^-?\d{1,9}$/),
  bigint: z.string().regex(/^-?\d{1,18}$/),
  number: z.string().regex(/^-?\d{1,20}(\.\d{1,20})?(e[+-]?\d{1,2})?$/),
  time: z.iso.datetime(),
};

/** The sort key of a row as text, to the microsecond, as cursors carry it. */
export function sortKey(column: string, kind: Exclude<FieldKind, 'json'>): RawBuilder<unknown> {
  const key = sql.ref(column);
  return kind === 'time' ? sql`to_char(${key} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')` : sql`${key}::text`;
}

export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify([cursor.sortBy, cursor.sortOrder, cursor.key, cursor.id])).toString('base64url');
}

/** @throws INVALID_CURSOR when it was not made by {@link encodeCursor} for a list sorted in this way. */
export function decodeCursor(
  encoded: string,
  sort: { by: string; order: SortOrder; kind: Exclude<FieldKind, 'json'>; nullable: boolean },
): Cursor {
  const [sortBy, sortOrder, key, id] = parse(encoded);
  const fits = sortBy === sort.by && sortOrder === sort.order;
  if (!fits || (key === null ? !sort.nullable : !KEY_FORMS[sort.kind].safeParse(key).success)) {
    throw new SignalboxError('INVALID_CURSOR');
  }
  return { sortBy, sortOrder, key, id };
}

function parse(encoded: string): z.infer<typeof cursorSchema> {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new SignalboxError('INVALID_CURSOR', {}, { cause });
  }
}
