import type { Lock, LockWaiter } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { confirmed } from '../confirm.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { UsageError } from '../usage-error.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<Lock>[] = [
  { header: 'ID', value: (lock) => lock.id },
  { header: 'RESOURCE', value: (lock) => lock.resource, flexible: true },
  { header: 'MODE', value: (lock) => lock.mode },
  { header: 'OWNER', value: (lock) => lock.owner },
  { header: 'TOKEN', value: (lock) => String(lock.token) },
  { header: 'SINCE', value: (lock) => formatTime(lock.acquiredAt) },
  {
    header: 'STATE',
    value: (lock) => lock.state,
    colour: (lock) => (lock.state === 'held' ? 'green' : 'yellow'),
  },
];

const WAITER_COLUMNS: Column<LockWaiter>[] = [
  { header: 'PLACE', value: (waiter) => String(waiter.position) },
  { header: 'RESOURCE', value: (waiter) => waiter.resource, flexible: true },
  { header: 'MODE', value: (waiter) => waiter.mode },
  { header: 'OWNER', value: (waiter) => waiter.owner },
  { header: 'PRIORITY', value: (waiter) => String(waiter.priority) },
  { header: 'SINCE', value: (waiter) => formatTime(waiter.requestedAt) },
  { header: 'GIVES UP', value: (waiter) => formatTime(waiter.timeoutAt) },
];

interface ReleaseOptions {
  fencingToken?: string;
  force?: true;
  reason?: string;
  yes?: true;
}

export function registerLocks(program: Command, registry: Registry): void {
  const locks = program.command('locks').description('see who holds and who waits for named locks, and take them away');

  listOptions(locks.command('list').description('list the locks that are held')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.locks.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'No locks are held.');
      noteFurtherPages(out, page);
    }),
  );

  locks
    .command('show <resource>')
    .description('holders and waiters of a resource, and of what stands above and below it')
    .action(
      action<[string], object>(registry, async ({ client, out }, [resource]) => {
        const info = await client.locks.info(resource);
        out.document(info);
        out.table(info.holders, COLUMNS, 'Nobody holds it.');
        if (info.waiters.length > 0) out.line();
        out.table(info.waiters, WAITER_COLUMNS, 'Nobody waits for it.');
      }),
    );

  locks
    .command('release <lock>')
    .description('give back a lock by its token, or take it from whoever holds it')
    .option('--fencing-token <number>', 'the token it was granted with')
    .option('--force', 'take it over its holder’s head; its holder is told, and the reason kept')
    .option('--reason <text>', 'why it is taken')
    .option('--yes', 'do not ask')
    .action(
      action<[string], ReleaseOptions>(registry, async ({ client, out, io }, [id], options) => {
        if (!options.force) {
          if (!/^\d+$/.test(options.fencingToken ?? ''))
            throw new UsageError('Give the lock’s --fencing-token, or take it with --force.');
          const released = await client.locks.release(id, Number(options.fencingToken));
          out.document({ id, released });
          out.line(released ? `Released lock ${id}.` : `Lock ${id} was gone already.`);
          return;
        }
        if (!options.reason?.trim()) throw new UsageError('Say why, with --reason <text>; it is kept in the audit.');
        const { resource, owner } = await client.locks.get(id);
        if (!(await confirmed(io, `Take ${resource} from ${owner}?`, options.yes))) {
          out.note('Left as it is.');
          return;
        }
        const lock = await client.locks.forceRelease(id, options.reason);
        out.document(lock);
        out.line(`Took ${out.style('bold', resource)} from ${owner}.`);
      }),
    );
}
