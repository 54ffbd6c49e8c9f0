import type { CamelRow, Executor } from '../database/index.ts';
import { composeCount, composePage, cursorAfter, type ListQuery, type ListSource } from './list-query.ts';
import { type Page, pageOf } from './page.ts';

/**
 * One page of a list with the count of all its rows. The source selects a column `id`, which tells rows of one sort key apart.
 * @param toItem makes a noun of a row; `sort_key` is left out of it.
 * @param placeOf what tells rows apart where that is not their `id`.
 * @throws what {@link composePage} throws for a query that the list does not know
 */
export async function readPage<T>(
  executor: Executor,
  source: ListSource,
  query: ListQuery,
  toItem: (row: CamelRow) => T,
  placeOf: (row: CamelRow) => string = ({ id }) => String(id),
): Promise<Page<T>> {
  const { page, pageSize, statement, values } = composePage(source, query);
  const count = composeCount(source, query);
  const rows = await executor.query<CamelRow & { sort_key: string | null }>(statement, values);
  const [total] = await executor.query<{ total: number }>(count.statement, count.values);
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  const more = rows.length > pageSize && last;
  const next = more ? cursorAfter(source.table, query, { id: placeOf(last), sort_key: last.sort_key }) : null;
  const items = shown.map(({ sort_key: _, ...row }) => toItem(row));
  return pageOf(items, total?.total ?? 0, page, pageSize, next);
}
