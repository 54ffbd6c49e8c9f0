import type { ListQuery, Page } from '@signalbox/client';
import type { Command } from 'commander';
import { collectFilter, positiveInteger } from '../arguments.ts';
import type { Output } from '../output/output.ts';

export interface ListOptions {
  page?: number;
  limit?: number;
  sort?: string;
  filter?: Record<string, string>;
}

/** The options that all lists share. */
export function listOptions(command: Command): Command {
  return command
    .option('--page <number>', 'which page', positiveInteger)
    .option('--limit <count>', 'how many on a page, up to 100', positiveInteger)
    .option('--sort <field>', 'order by a field; with a leading - the other way round')
    .option('--filter <field=value>', 'field=value or field.operator=value; may be repeated', collectFilter);
}

/** The shared options as a query. */
export function listQuery(options: ListOptions): ListQuery {
  const descending = options.sort?.startsWith('-') === true;
  return {
    ...options.filter,
    page: options.page,
    pageSize: options.limit,
    ...(options.sort === undefined
      ? {}
      : { sortBy: descending ? options.sort.slice(1) : options.sort, sortOrder: descending ? 'desc' : 'asc' }),
  };
}

/** Says that there is more than what is shown. */
export function noteFurtherPages(out: Output, page: Page<unknown>): void {
  const shownUpTo = (page.page - 1) * page.pageSize + page.items.length;
  if (shownUpTo < page.total && page.items.length > 0) {
    out.note(out.style('dim', `${page.items.length} of ${page.total}; go on with --page ${page.page + 1}.`));
  }
}
