import type { Thread, ThreadCheckpoint } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { duration, positiveInteger } from '../arguments.ts';
import { confirmed } from '../confirm.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { UsageError } from '../usage-error.ts';

const THREAD_COLUMNS: Column<Thread>[] = [
  { header: 'THREAD', value: (thread) => thread.threadId, flexible: true },
  { header: 'CHECKPOINTS', value: (thread) => String(thread.checkpoints) },
  { header: 'BYTES', value: (thread) => String(thread.bytes) },
  { header: 'LAST SAVED', value: (thread) => (thread.lastSavedAt === null ? '' : formatTime(thread.lastSavedAt)) },
];

const CHECKPOINT_COLUMNS: Column<ThreadCheckpoint>[] = [
  { header: 'CHECKPOINT', value: (checkpoint) => checkpoint.checkpointId },
  { header: 'GRAPH', value: (checkpoint) => checkpoint.namespace },
  {
    header: 'CHANNELS',
    value: (checkpoint) => checkpoint.values.map(({ channel }) => channel).join(' '),
    flexible: true,
  },
  { header: 'WRITES', value: (checkpoint) => String(checkpoint.writes.length) },
  { header: 'SAVED', value: (checkpoint) => formatTime(checkpoint.createdAt) },
];

interface PruneOptions {
  keep?: number;
  olderThan?: number;
}

/** Deleting all history by leaving everything out must not be possible. */
function boundsOf({ keep, olderThan }: PruneOptions) {
  if (keep === undefined && olderThan === undefined)
    throw new UsageError('Say what stays: --keep, --older-than or both.');
  return {
    ...(keep === undefined ? {} : { keepLast: keep }),
    ...(olderThan === undefined ? {} : { olderThanSeconds: olderThan }),
  };
}

export function registerThreads(program: Command, registry: Registry): void {
  const threads = program.command('threads').description('graphs that keep their checkpoints here');

  threads
    .command('list')
    .description('list threads')
    .option('--after <thread>', 'go on after this one')
    .option('--limit <count>', 'how many, up to 1000', positiveInteger)
    .action(
      action<[], { after?: string; limit?: number }>(registry, async ({ client, out }, _args, options) => {
        const page = await client.threads.list(options);
        out.document(page);
        out.table(page.items, THREAD_COLUMNS, 'No graph keeps its checkpoints here.');
        if (page.nextAfter !== null) out.note(`There are more; go on with --after ${page.nextAfter}.`);
      }),
    );

  threads
    .command('show <thread>')
    .description('list the checkpoints of a thread, newest first')
    .option('--limit <count>', 'how many, up to 1000', positiveInteger)
    .action(
      action<[id: string], { limit?: number }>(registry, async ({ client, out }, [id], { limit = 20 }) => {
        const thread = await client.threads.get(id);
        const { items } = await client.threads.checkpoints({ threadId: id, limit });
        out.document({ ...thread, items });
        out.table(items, CHECKPOINT_COLUMNS, 'It has no checkpoints yet.');
        if (items.length < thread.checkpoints) out.note(`${items.length} of ${thread.checkpoints}; more with --limit.`);
      }),
    );

  threads
    .command('prune [thread]')
    .description('delete old checkpoints of one thread, or of all')
    .option('--keep <count>', 'keep this many, the newest', positiveInteger)
    .option('--older-than <duration>', 'keep those that are younger, as 7d', duration)
    .action(
      action<[id: string | undefined], PruneOptions>(registry, async ({ client, out }, [id], options) => {
        const bounds = boundsOf(options);
        const pruned = await client.threads.prune({ ...bounds, ...(id === undefined ? {} : { threadId: id }) });
        out.document(pruned);
        out.line(`Deleted ${pruned.checkpoints} checkpoints of ${pruned.threads} threads.`);
      }),
    );

  threads
    .command('delete <thread>')
    .description('delete a thread with all its checkpoints')
    .option('--yes', 'do not ask')
    .action(
      action<[id: string], { yes?: true }>(registry, async ({ client, out, io }, [id], { yes }) => {
        const { checkpoints } = await client.threads.get(id);
        if (!(await confirmed(io, `Delete ${id} with its ${checkpoints} checkpoints for good?`, yes))) {
          out.note('Nothing was deleted.');
          return;
        }
        await client.threads.delete(id);
        out.document({ deleted: id });
        out.line(`Deleted ${id}.`);
      }),
    );
}
