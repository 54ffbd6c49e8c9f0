import { z } from 'zod';
import { queryBoolean, queryInteger, queryText } from './query-values.ts';

/** What a list without filters takes. */
export const pageQuerySchema = z.strictObject({
  page: queryInteger(1).optional(),
  pageSize: queryInteger(1, 100).optional(),
});

/**
 * What a list with filters takes. Whatever else stands in the query is a filter: `field=value` or
 * `field.operator=value`; the room knows its fields and refuses others (ORC-093).
 */
export const listQuerySchema = z.looseObject({
  ...pageQuerySchema.shape,
  sortBy: queryText.optional(),
  sortOrder: z.enum(['asc', 'desc']).optional(),
  cursor: queryText.optional(),
  includeDeleted: queryBoolean.optional(),
});

/** A page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), total: z.int(), page: z.int(), pageSize: z.int() });
}

/** A page that can be gone on from, stable under insertions: `nextCursor` is null on the last page. */
export function cursorPageOf<Item extends z.ZodType>(item: Item) {
  return pageOf(item).extend({
    totalPages: z.int(),
    hasNext: z.boolean(),
    hasPrevious: z.boolean(),
    nextCursor: z.string().nullable(),
  });
}
