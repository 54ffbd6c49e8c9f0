import { type RawBuilder, sql } from 'kysely';
import { SignalboxError } from '../errors/index.ts';
import { type Field, type FieldTable, sqlType } from './field-table.ts';
import { filterValue } from './filter-value.ts';
import { substringPattern } from './like-pattern.ts';
import { type Operator, operatorsOf } from './operators.ts';

/** One condition on a list (ORC-090). */
export interface Filter {
  field: string;
  operator: Operator;
  value: unknown;
}

type Condition = RawBuilder<unknown>;

const SORT = 'To sort, give `sortBy` and `sortOrder` (asc or desc).';
const PAGE = 'To go from page to page, give `page` and `pageSize`, or `cursor`.';
/** What other programs call it, and what to give here. */
const MEANT: Readonly<Record<string, string>> = {
  sort: SORT,
  sort_by: SORT,
  order: SORT,
  orderBy: SORT,
  order_by: SORT,
  limit: PAGE,
  offset: PAGE,
  perPage: PAGE,
  per_page: PAGE,
  page_size: PAGE,
};

/** Looks a field up; unknown ones are refused, never skipped (ORC-093). @throws UNKNOWN_FILTER */
export function filterField(table: FieldTable, name: string): Field {
  const field = Object.hasOwn(table.fields, name) ? table.fields[name] : undefined;
  if (field) return field;
  const hint = Object.hasOwn(MEANT, name) ? `${MEANT[name]} ` : '';
  throw new SignalboxError('UNKNOWN_FILTER', { filter: name, hint, known: Object.keys(table.fields) });
}

/** @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, INVALID_STATUS, VALIDATION_FAILED */
export function condition(table: FieldTable, filter: Filter): Condition {
  const field = filterField(table, filter.field);
  const known = operatorsOf(field.kind);
  if (!known.includes(filter.operator)) {
    throw new SignalboxError('UNKNOWN_OPERATOR', { filter: filter.field, operator: filter.operator, known });
  }
  return compare(field, filter.operator, filterValue(table, filter.field, field, filter.operator, filter.value));
}

/**
 * Rows where the field is null are found by `eq null` and `is unlike` conditions: `neq` and `not_in` are the exact
 * complements of `eq` and `in`, so a filter and its opposite never lose a row between them.
 */
function compare(field: Field, operator: Operator, value: unknown): Condition {
  const column = sql.ref(field.column);
  const type = sql.raw(sqlType(field.kind));
  switch (operator) {
    case 'eq':
      return value === null ? sql`${column} is null` : sql`${column} = ${value}::${type}`;
    case 'neq':
      return value === null ? sql`${column} is not null` : sql`${column} is distinct from ${value}::${type}`;
    case 'gt':
      return sql`${column} > ${value}::${type}`;
    case 'gte':
      return sql`${column} >= ${value}::${type}`;
    case 'lt':
      return sql`${column} < ${value}::${type}`;
    case 'lte':
      return sql`${column} <= ${value}::${type}`;
    case 'in':
      return sql`${column} = any(${value}::${type}[])`;
    case 'not_in':
      return sql`(${column} = any(${value}::${type}[])) is not true`;
    case 'like':
      return sql`${column} like ${value}`;
    case 'ilike':
      return sql`${column} ilike ${value}`;
    case 'contains':
      return sql`${column} like ${substringPattern(String(value))}`;
    case 'json_contains':
      return field.kind === 'json' && field.holds
        ? field.holds(value)
        : sql`${column} @> ${JSON.stringify(value)}::jsonb`;
  }
}
