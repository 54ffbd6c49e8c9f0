import type { DeadLetterFilter, DeadLetterResult } from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { confirmed } from '../confirm.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../usage-error.ts';

interface DeadLetterOptions extends DeadLetterFilter {
  all?: true;
  yes?: true;
}

/** `redrive` and `discard`: one task, or all failed and dead ones that the options name. */
export function registerDeadLetters(tasks: Command, registry: Registry): void {
  named(tasks.command('redrive [task]').description('try a failed or dead task again, or many')).action(
    action<[task?: string], DeadLetterOptions>(registry, async (context, [id], options) => {
      if (id !== undefined) {
        const task = await context.client.tasks.redrive(id);
        context.out.document(task);
        context.out.line(`Task ${task.id} (${task.type}) is ${task.status}.`);
        return;
      }
      const outcome = await untilDone((filter) => context.client.tasks.redriveAll(filter), filterOf(options));
      report(context, outcome, 'Redrove');
    }),
  );

  named(tasks.command('discard [task]').description('delete a failed or dead task for good, or many'))
    .option('--yes', 'do not ask')
    .action(
      action<[task?: string], DeadLetterOptions>(registry, async (context, [id], options) => {
        const { client, io, out } = context;
        const filter = id === undefined ? filterOf(options) : {};
        if (!(await confirmed(io, `Delete ${id ?? 'them'} for good?`, options.yes))) {
          out.note('Left as it is.');
          return;
        }
        if (id !== undefined) {
          await client.tasks.discard(id);
          out.document({ id, discarded: true });
          out.line(`Discarded ${id}.`);
          return;
        }
        report(context, await untilDone((which) => client.tasks.discardAll(which), filter), 'Discarded');
      }),
    );
}

function named(command: Command): Command {
  return command
    .option('--queue <queue>', 'all of this queue')
    .option('--type <type>', 'all of this type')
    .addOption(new Option('--status <status>', 'only these').choices(['dead', 'failed']))
    .option('--all', 'all there are');
}

function filterOf({ queue, type, status, all }: DeadLetterOptions): DeadLetterFilter {
  if (!all && queue === undefined && type === undefined && status === undefined) {
    throw new UsageError('Name a task, or which ones with --queue, --type or --status, or --all.');
  }
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(type === undefined ? {} : { type }),
    ...(status === undefined ? {} : { status }),
  };
}

/** The server takes a bounded number at a time. Stops when a round changes nothing. */
async function untilDone(
  round: (filter: DeadLetterFilter) => Promise<DeadLetterResult>,
  filter: DeadLetterFilter,
): Promise<DeadLetterResult> {
  let outcome = await round(filter);
  for (let last = outcome; last.more && last.changed > 0; ) {
    last = await round(filter);
    outcome = { changed: outcome.changed + last.changed, skipped: last.skipped, more: last.more };
  }
  return outcome;
}

function report({ out }: Context, outcome: DeadLetterResult, done: string): void {
  out.document(outcome);
  out.line(`${done} ${outcome.changed} ${outcome.changed === 1 ? 'task' : 'tasks'}.`);
  for (const { id, reason } of outcome.skipped) out.note(`Left ${id}: ${reason}.`);
}
