import type { Claim, HeldClaim, TaskOutcome } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, duration, jsonValue, positiveInteger } from '../arguments.ts';
import type { Context } from '../context.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';

const COLUMNS: Column<Claim>[] = [
  { header: 'TASK', value: (claim) => claim.taskId },
  { header: 'CLAIM', value: (claim) => String(claim.token), align: 'right' },
  { header: 'TYPE', value: (claim) => claim.type },
  { header: 'ATTEMPT', value: (claim) => String(claim.attempt), align: 'right' },
  { header: 'UNTIL', value: (claim) => formatTime(claim.expiresAt) },
  { header: 'PAYLOAD', value: (claim) => JSON.stringify(claim.payload), flexible: true },
];

interface ClaimOptions {
  agent: string;
  queue?: string[];
  type?: string[];
  able?: string[];
  limit?: number;
  lease?: number;
  wait?: number;
}

interface HoldOptions {
  claim: number;
}

/** The verbs of agents, for scripts: a claim is named by its task and the number that `claim` shows. */
export function registerTaskClaims(tasks: Command, registry: Registry): void {
  tasks
    .command('claim')
    .description('claim work as an agent: it is yours until its lease runs out')
    .requiredOption('--agent <name>', 'who works on it')
    .option('--queue <queues>', 'served in this order; `default` without', collect)
    .option('--type <types>', 'only these', collect)
    .option('--able <names>', 'what the agent can do', collect)
    .option('--limit <count>', 'most tasks, 1 without', positiveInteger)
    .option('--lease <duration>', 'how long the claim holds without a heartbeat, 30s without', duration)
    .option('--wait <duration>', 'how long to wait for work, up to 30s', duration)
    .action(
      action<[], ClaimOptions>(registry, async ({ client, out }, _args, options) => {
        const claims = await client.tasks.claim({
          agent: options.agent,
          ...(options.queue === undefined ? {} : { queues: options.queue }),
          ...(options.type === undefined ? {} : { types: options.type }),
          ...(options.able === undefined ? {} : { able: options.able }),
          ...(options.limit === undefined ? {} : { limit: options.limit }),
          ...(options.lease === undefined ? {} : { leaseSeconds: options.lease }),
          ...(options.wait === undefined ? {} : { waitSeconds: options.wait }),
        });
        out.document({ items: claims });
        out.table(claims, COLUMNS, 'There is no work just now.');
      }),
    );

  held(tasks, 'heartbeat', 'keep a claim for longer')
    .option('--lease <duration>', 'for how long from now, 30s without', duration)
    .action(
      action<[string], HoldOptions & { lease?: number }>(registry, async ({ client, out }, [taskId], options) => {
        const lost = await client.tasks.heartbeat([{ taskId, token: options.claim }], options.lease);
        out.document({ lost });
        out.line(lost.length === 0 ? 'The claim is kept.' : 'The claim is lost: stop working on it.');
      }),
    );

  held(tasks, 'progress', 'say how far the work is')
    .requiredOption('--data <json>', 'any JSON', jsonValue)
    .action(ending<{ data: unknown }>(registry, ({ client }, claim, { data }) => client.tasks.progress(claim, data)));

  held(tasks, 'complete', 'complete a task')
    .option('--result <json>', 'any JSON', jsonValue)
    .action(
      ending<{ result?: unknown }>(registry, ({ client }, claim, { result }) => client.tasks.complete(claim, result)),
    );

  held(tasks, 'fail', 'fail the attempt; it is tried again while attempts are left')
    .requiredOption('--error <text>', 'what went wrong')
    .option('--for-good', 'trying again cannot help')
    .option('--delay <duration>', 'until the next attempt', duration)
    .action(
      ending<{ error: string; forGood?: true; delay?: number }>(registry, ({ client }, claim, options) =>
        client.tasks.fail(claim, {
          error: options.error,
          retryable: options.forGood !== true,
          ...(options.delay === undefined ? {} : { delaySeconds: options.delay }),
        }),
      ),
    );

  held(tasks, 'release', 'give a claim back unworked').action(
    ending<object>(registry, ({ client }, claim) => client.tasks.release(claim)),
  );
}

function held(tasks: Command, name: string, about: string): Command {
  return tasks
    .command(`${name} <task>`)
    .description(about)
    .requiredOption('--claim <number>', 'the number that `tasks claim` showed', positiveInteger);
}

/** A verb on a claim that answers what became of the task. */
function ending<Options>(
  registry: Registry,
  work: (context: Context, claim: HeldClaim, options: Options) => Promise<TaskOutcome>,
) {
  return action<[string], HoldOptions & Options>(registry, async (context, [taskId], options) => {
    const outcome = await work(context, { taskId, token: options.claim }, options);
    context.out.document(outcome);
    context.out.line(`Task ${outcome.taskId} is ${outcome.status}.`);
  });
}
