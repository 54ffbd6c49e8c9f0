export { type Composed, compile } from './compiler.ts';
export type { Field, FieldKind, FieldTable, SortOrder } from './field-table.ts';
export type { Filter } from './filter.ts';
export {
  composeCount,
  composePage,
  composeRows,
  conditionsOf,
  cursorAfter,
  type ListQuery,
  type ListSource,
} from './list-query.ts';
export { OPERATORS, type Operator } from './operators.ts';
export { checkPage, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, type Page, pageOf } from './page.ts';
export { readPage } from './page-store.ts';
export { parseListQuery, type QueryParameters } from './query-string.ts';
