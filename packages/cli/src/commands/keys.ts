import type { ApiKey, BrowserSession, Client, CreatedApiKey, Role } from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { duration } from '../arguments.ts';
import { type LocalOptions, type LocalSources, localOptions, localSources } from '../local-sources.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const ROLES: Role[] = ['viewer', 'agent', 'approver', 'operator', 'admin'];

const COLUMNS: Column<ApiKey>[] = [
  { header: 'ID', value: (key) => key.id },
  { header: 'NAME', value: (key) => key.name, flexible: true },
  { header: 'ROLE', value: (key) => key.role },
  { header: 'KEY', value: (key) => `${key.prefix}…` },
  { header: 'EXPIRES', value: (key) => formatTime(key.expiresAt) },
  { header: 'USED', value: (key) => formatTime(key.lastUsedAt) },
  {
    header: 'STATE',
    value: (key) => (key.revokedAt === null ? 'valid' : 'revoked'),
    colour: (key) => (key.revokedAt === null ? 'green' : 'dim'),
  },
];

const BROWSER_COLUMNS: Column<BrowserSession>[] = [
  { header: 'ID', value: (session) => session.id },
  { header: 'KEY', value: (session) => session.keyName, flexible: true },
  { header: 'ROLE', value: (session) => session.role },
  { header: 'SINCE', value: (session) => formatTime(session.createdAt) },
  { header: 'SEEN', value: (session) => formatTime(session.lastSeenAt) },
  { header: 'EXPIRES', value: (session) => formatTime(session.expiresAt) },
];

interface CreateOptions extends LocalOptions {
  role?: Role;
  /** Seconds. */
  expiresIn?: number;
  first?: boolean;
}

export function registerKeys(program: Command, registry: Registry): void {
  const keys = program.command('keys').description('create, list, rotate and revoke API keys');

  localOptions(keys.command('create <name>'))
    .description('create a key; its secret is shown once')
    .addOption(new Option('--role <role>', 'what the key may do').choices(ROLES))
    .option('--expires-in <duration>', 'how long it works: 90s, 45m, 12h, 30d; for ever without', duration)
    .option('--first', 'make the first admin key, without a server: it opens the data directly')
    .action(
      action<[string], CreateOptions>(registry, async ({ client, out, io }, [name], options) => {
        const created = options.first
          ? await createFirstKey(localSources(io, options), name)
          : await client.keys.create({
              name,
              role: options.role ?? 'agent',
              expiresInSeconds: options.expiresIn ?? null,
            });
        out.document(created);
        out.note(`Created key ${created.name} (${created.role}). It is shown this once:`);
        out.line(created.secret ?? '');
      }),
    );

  listOptions(keys.command('list').description('list the keys of the project')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.keys.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'There are no keys.');
      noteFurtherPages(out, page);
    }),
  );

  keys
    .command('rotate <id>')
    .description('another secret, shown once; the old one works no more, or for a while yet')
    .option('--grace <duration>', 'how long the old one still works: 90s, 45m, 12h', duration)
    .option('--expires-in <duration>', 'how long the key works from now on; as before without', duration)
    .action(
      action<[string], { grace?: number; expiresIn?: number }>(registry, async ({ client, out }, [id], options) => {
        const { grace, expiresIn } = options;
        const rotated = await client.keys.rotate(id, await versionOf(client, id), {
          ...(grace === undefined ? {} : { graceSeconds: grace }),
          ...(expiresIn === undefined ? {} : { expiresInSeconds: expiresIn }),
        });
        out.document(rotated);
        const until = rotated.previousUntil;
        out.note(
          `The secret before ${until === null ? 'works no more' : `works until ${formatTime(until)}`}. The new one, shown this once:`,
        );
        out.line(rotated.secret ?? '');
      }),
    );

  keys
    .command('revoke <id>')
    .description('make a key invalid at once')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        await client.keys.revoke(id, await versionOf(client, id));
        out.document({ id, revoked: true });
        out.line(`Revoked key ${id}.`);
      }),
    );

  listOptions(keys.command('browsers'))
    .description('list the browsers that are signed in, and by which key')
    .action(
      action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
        const page = await client.browserSessions.list(listQuery(options));
        out.document(page);
        out.table(page.items, BROWSER_COLUMNS, 'No browser is signed in.');
        noteFurtherPages(out, page);
      }),
    );

  keys
    .command('sign-out <id>')
    .description('sign a browser out: its cookie works no more')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        await client.browserSessions.end(id);
        out.document({ id, ended: true });
        out.line(`Signed out ${id}.`);
      }),
    );
}

async function createFirstKey(sources: LocalSources, name: string): Promise<CreatedApiKey> {
  const local = await import('@signalbox/server/local');
  return local.createFirstKey(sources, { name });
}

/** The version that a key has now; for one that is not listed any, since the server knows best what to say of it. */
async function versionOf(client: Client, id: string): Promise<number> {
  for (let page = 1; ; page++) {
    const { items, total, pageSize } = await client.keys.list({ page, pageSize: 100 });
    const found = items.find((key) => key.id === id);
    if (found !== undefined || page * pageSize >= total) return found?.version ?? 1;
  }
}
