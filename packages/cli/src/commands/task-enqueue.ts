import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { EnqueueTask, FailurePolicy } from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, duration, jsonObject, jsonValue, positiveInteger } from '../arguments.ts';
import { UsageError } from '../usage-error.ts';

interface EnqueueOptions {
  payload?: Record<string, unknown>;
  queue?: string;
  priority?: string;
  delay?: number;
  at?: string;
  deadline?: string;
  maxAttempts?: number;
  requires?: string[];
  after?: string[];
  onFailure: FailurePolicy;
  key?: string;
}

/** `enqueue` and `enqueue-graph`. */
export function registerTaskEnqueue(tasks: Command, registry: Registry): void {
  tasks
    .command('enqueue <type>')
    .description('put a task into a queue')
    .option('--payload <json>', 'what it is about, as a JSON object', jsonObject)
    .option('--queue <queue>', 'which queue; `default` without')
    .option('--priority <0-9>', 'lower is more urgent; 2 without')
    .option('--delay <duration>', 'not before this time has passed, as 45m', duration)
    .option('--at <time>', 'not before this time, as 2030-01-31T12:00:00Z')
    .option('--deadline <time>', 'it fails once it cannot be done by then')
    .option('--max-attempts <count>', 'how often it may fail', positiveInteger)
    .option('--requires <names>', 'what an agent must be able to do; several with commas', collect)
    .option('--after <tasks>', 'it waits until these have ended well; several with commas', collect)
    .addOption(
      new Option('--on-failure <policy>', 'what becomes of it if one of those ends badly')
        .choices(['fail', 'skip', 'continue'])
        .default('fail'),
    )
    .option('--key <key>', 'idempotency key: the same call again answers the same task')
    .action(
      action<[string], EnqueueOptions>(registry, async ({ client, out }, [type], options) => {
        const receipt = await client.tasks.enqueue(taskOf(type, options));
        out.document(receipt);
        out.line(
          receipt.created
            ? `Task ${receipt.taskId} is ${receipt.status}.`
            : `Task ${receipt.taskId} was there already; it is ${receipt.status}.`,
        );
      }),
    );

  tasks
    .command('enqueue-graph <file>')
    .description(
      'put tasks that depend on each other into their queues, all or none: a JSON array of tasks with `ref` and `dependsOn`',
    )
    .action(
      action<[string], object>(registry, async ({ client, out, io }, [file]) => {
        const given = jsonValue(await readFile(resolve(io.cwd(), file), 'utf8'));
        if (!Array.isArray(given)) throw new UsageError(`${file} must hold a JSON array of tasks.`);
        const receipts = await client.tasks.enqueueMany(given as EnqueueTask[]);
        out.document({ items: receipts });
        for (const [index, { taskId, status }] of receipts.entries()) {
          const { ref, type } = given[index] as EnqueueTask;
          out.line(`${ref ?? type}: ${taskId} is ${status}.`);
        }
      }),
    );
}

function taskOf(type: string, options: EnqueueOptions): EnqueueTask {
  const { payload, queue, priority, delay, at, deadline, maxAttempts, requires, after, onFailure, key } = options;
  return {
    type,
    ...(payload === undefined ? {} : { payload: payload as NonNullable<EnqueueTask['payload']> }),
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority: Number(priority) }),
    ...(delay === undefined ? {} : { delaySeconds: delay }),
    ...(at === undefined ? {} : { runAt: at }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(requires === undefined ? {} : { required: requires }),
    ...(after === undefined ? {} : { dependsOn: after.map((taskId) => ({ taskId, onFailure })) }),
    ...(key === undefined ? {} : { idempotencyKey: key }),
  };
}
