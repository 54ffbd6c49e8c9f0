import { type RawBuilder, sql } from 'kysely';
import { SignalboxError } from '../errors/index.ts';
import { type Composed, compile } from './compiler.ts';
import { type Cursor, decodeCursor, encodeCursor, sortKey } from './cursor.ts';
import { type Field, type FieldTable, type SortOrder, sqlType } from './field-table.ts';
import { condition, type Filter } from './filter.ts';
import { checkPage, DEFAULT_PAGE_SIZE } from './page.ts';

/** What a caller asks of a list; never altered by those who are given it (ORC-095, ORC-098). */
export interface ListQuery {
  filters?: readonly Filter[];
  sortBy?: string;
  sortOrder?: SortOrder;
  /** 1-based; default 1. Left out where `cursor` is given. */
  page?: number;
  /** 1…100; default 20. */
  pageSize?: number;
  /** `nextCursor` of an earlier answer to the same query. */
  cursor?: string;
  includeDeleted?: boolean;
}

/** Where the rows come from; given by the store, which also runs what is composed. */
export interface ListSource {
  /** As `room.verb`. */
  label: string;
  table: FieldTable;
  /** Select list. */
  columns: RawBuilder<unknown>;
  from: RawBuilder<unknown>;
  /** Which rows may be seen at all: the project. */
  scope: RawBuilder<unknown>;
  /** For searches: sorts where no sort key is asked for, highest first. Such lists have pages but no cursors. */
  rank?: RawBuilder<unknown>;
}

type Sortable = Exclude<Field, { kind: 'json' }>;

interface Sort {
  by: string;
  order: SortOrder;
  field: Sortable;
}

/**
 * The rows of one page, one more than asked for (so that the caller knows whether another page follows), each with its
 * `sort_key`. Sorted by the asked key, nulls last, then by id (ORC-094).
 * @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, UNKNOWN_SORT_KEY, INVALID_STATUS, VALIDATION_FAILED, PAGE_OUT_OF_RANGE, INVALID_CURSOR
 */
export function composePage(source: ListSource, query: ListQuery): Composed & { page: number; pageSize: number } {
  const page = query.page ?? 1;
  const pageSize = query.pageSize ?? DEFAULT_PAGE_SIZE;
  checkPage(page, pageSize);
  const composed = composeRows(source, query, pageSize + 1, query.cursor === undefined ? (page - 1) * pageSize : 0);
  return { ...composed, page, pageSize };
}

/** As {@link composePage}, with any limit and offset; a limit of 0 gives no rows (ORC-101). */
export function composeRows(source: ListSource, query: ListQuery, limit: number, offset: number): Composed {
  const sort = sortOf(source.table, query);
  const conditions = conditionsOf(source, query);
  const ranked = source.rank !== undefined && query.sortBy === undefined;
  if (query.cursor !== undefined) {
    if (ranked) throw new SignalboxError('INVALID_CURSOR');
    const { by, order, field } = sort;
    const cursor = decodeCursor(query.cursor, { by, order, kind: field.kind, nullable: field.nullable ?? false });
    conditions.push(after(source.table, sort, cursor));
  }
  return compile(
    source.label,
    sql`select ${source.columns}, ${sortKey(sort.field.column, sort.field.kind)} as sort_key from ${source.from}
      where ${sql.join(conditions, sql` and `)} order by ${ranked ? sql`${source.rank} desc, ` : sql``}${orderBy(source.table, sort)} limit ${limit} offset ${offset}`,
  );
}

/** The number of rows on all pages, by the same filters (ORC-099, ORC-103), as `total`. */
export function composeCount(source: ListSource, query: Pick<ListQuery, 'filters' | 'includeDeleted'>): Composed {
  return compile(
    `${source.label}_count`,
    sql`select count(*)::int as total from ${source.from} where ${sql.join(conditionsOf(source, query), sql` and `)}`,
  );
}

/** All conditions of a query, for statements that are more than a list: the project, soft deletion, the filters. */
export function conditionsOf(
  source: Pick<ListSource, 'table' | 'scope'>,
  query: Pick<ListQuery, 'filters' | 'includeDeleted'>,
): RawBuilder<unknown>[] {
  const { table } = source;
  const conditions = [source.scope];
  if (table.deletedColumn !== null && !query.includeDeleted) {
    conditions.push(sql`${sql.ref(table.deletedColumn)} is null`);
  }
  for (const filter of query.filters ?? []) conditions.push(condition(table, filter));
  return conditions;
}

/** Cursor after `row`, the last one of a page. */
export function cursorAfter(
  table: FieldTable,
  query: Pick<ListQuery, 'sortBy' | 'sortOrder'>,
  row: { id: string; sort_key: string | null },
): string {
  const { by, order } = sortOf(table, query);
  return encodeCursor({ sortBy: by, sortOrder: order, key: row.sort_key, id: row.id });
}

function sortOf(table: FieldTable, query: Pick<ListQuery, 'sortBy' | 'sortOrder'>): Sort {
  const by = query.sortBy ?? table.defaultSort.by;
  const field = Object.hasOwn(table.fields, by) ? table.fields[by] : undefined;
  if (!field || field.kind === 'json') {
    const known = Object.keys(table.fields).filter((name) => table.fields[name]?.kind !== 'json');
    throw new SignalboxError('UNKNOWN_SORT_KEY', { noun: `${table.noun}s`, key: by, known });
  }
  const fallback = query.sortBy === undefined ? table.defaultSort.order : 'asc';
  return { by, order: query.sortOrder ?? fallback, field };
}

function orderBy(table: FieldTable, sort: Sort): RawBuilder<unknown> {
  const direction = sql.raw(sort.order);
  // `nulls last` only where there can be nulls: an index gives the order without it only for its own default.
  const nulls = sort.field.nullable ? sql.raw(' nulls last') : sql.raw('');
  return sql`${sql.ref(sort.field.column)} ${direction}${nulls}, ${sql.ref(table.idColumn)} ${direction}`;
}

function after(table: FieldTable, sort: Sort, cursor: Cursor): RawBuilder<unknown> {
  const column = sql.ref(sort.field.column);
  const id = sql.ref(table.idColumn);
  const beyond = sql.raw(sort.order === 'asc' ? '>' : '<');
  if (cursor.key === null) return sql`(${column} is null and ${id} ${beyond} ${cursor.id}::uuid)`;
  const key = sql`${cursor.key}::${sql.raw(sqlType(sort.field.kind))}`;
  const next = sql`(${column}, ${id}) ${beyond} (${key}, ${cursor.id}::uuid)`;
  return sort.field.nullable ? sql`(${next} or ${column} is null)` : next;
}
