import type { FoundSession, Session } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, positiveInteger } from '../arguments.ts';
import { statusColour } from '../output/status-colour.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<Session>[] = [
  { header: 'ID', value: (session) => session.id },
  { header: 'STATUS', value: (session) => session.status, colour: (session) => statusColour(session.status) },
  { header: 'RUNTIME', value: (session) => session.runtime ?? '-' },
  { header: 'TITLE', value: (session) => session.title, flexible: true },
  { header: 'CREATED', value: (session) => formatTime(session.createdAt) },
];

const FOUND_COLUMNS: Column<FoundSession>[] = [
  { header: 'RANK', value: (found) => found.rank.toFixed(3), align: 'right' },
  { header: 'ID', value: (found) => found.id },
  { header: 'STATUS', value: (found) => found.status, colour: (found) => statusColour(found.status) },
  { header: 'TITLE', value: (found) => found.title, flexible: true },
];

interface SessionListOptions extends ListOptions {
  status?: string[];
  runtime?: string;
}

export function registerSessionLists(sessions: Command, registry: Registry): void {
  listOptions(sessions.command('list').description('list sessions, newest first'))
    .option('--status <status>', 'only these; several with commas', collect)
    .option('--runtime <runtime>', 'only those of one runtime')
    .action(
      action<[], SessionListOptions>(registry, async ({ client, out }, _args, options) => {
        const page = await client.sessions.list({
          sortBy: 'createdAt',
          sortOrder: 'desc',
          ...listQuery(options),
          ...(options.status === undefined ? {} : { 'status.in': options.status.join(',') }),
          ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
        });
        out.document(page);
        out.table(page.items, COLUMNS, 'There are no such sessions. Start one with `signalbox run -- npm test`.');
        noteFurtherPages(out, page);
      }),
    );

  sessions
    .command('search <words...>')
    .description('find sessions by the words in their title, description and prompt')
    .option('--limit <count>', 'how many, up to 100', positiveInteger)
    .action(
      action<[string[]], { limit?: number }>(registry, async ({ client, out }, [words], { limit }) => {
        const page = await client.sessions.search(words.join(' '), limit === undefined ? {} : { pageSize: limit });
        out.document(page);
        out.table(page.items, FOUND_COLUMNS, 'Nothing was found.');
        noteFurtherPages(out, page);
      }),
    );
}
