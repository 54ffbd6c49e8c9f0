import type { Task, TaskAttempt } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect } from '../arguments.ts';
import { taskStatusColour } from '../output/status-colour.ts';
import type { Style } from '../output/style.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<Task>[] = [
  { header: 'ID', value: (task) => task.id },
  { header: 'STATUS', value: (task) => task.status, colour: (task) => taskStatusColour(task.status) },
  { header: 'QUEUE', value: (task) => task.queue },
  { header: 'TYPE', value: (task) => task.type, flexible: true },
  { header: 'PRIORITY', value: (task) => String(task.priority), align: 'right' },
  { header: 'AGENT', value: (task) => task.claimedBy ?? '-' },
  { header: 'CREATED', value: (task) => formatTime(task.createdAt) },
];

const ATTEMPT_COLUMNS: Column<TaskAttempt>[] = [
  { header: 'ATTEMPT', value: ({ attempt }) => String(attempt), align: 'right' },
  {
    header: 'OUTCOME',
    value: ({ outcome }) => outcome,
    colour: ({ outcome }) => (outcome === 'completed' ? 'green' : 'yellow'),
  },
  { header: 'AGENT', value: ({ agent }) => agent },
  { header: 'BEGAN', value: ({ startedAt }) => formatTime(startedAt) },
  { header: 'ENDED', value: ({ endedAt }) => formatTime(endedAt) },
  { header: 'ERROR', value: ({ error }) => (error === null ? '' : errorText(error)), flexible: true },
];

interface TaskListOptions extends ListOptions {
  status?: string[];
  queue?: string;
  type?: string;
}

/** `list` and `show`. */
export function registerTaskViews(tasks: Command, registry: Registry): void {
  listOptions(tasks.command('list').description('list tasks, newest first'))
    .option('--status <status>', 'only these; several with commas', collect)
    .option('--queue <queue>', 'only those of one queue')
    .option('--type <type>', 'only those of one type')
    .action(
      action<[], TaskListOptions>(registry, async ({ client, out }, _args, options) => {
        const page = await client.tasks.list({
          ...listQuery(options),
          ...(options.status === undefined ? {} : { 'status.in': options.status.join(',') }),
          ...(options.queue === undefined ? {} : { queue: options.queue }),
          ...(options.type === undefined ? {} : { type: options.type }),
        });
        out.document(page);
        out.table(page.items, COLUMNS, 'There are no such tasks. Put one in with `signalbox tasks enqueue <type>`.');
        noteFurtherPages(out, page);
      }),
    );

  tasks
    .command('show <task>')
    .description('show a task with its attempts, what it waits for and what it was decomposed into')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        const [task, attempts, dependencies, children] = await Promise.all([
          client.tasks.get(id),
          client.tasks.attempts(id),
          client.tasks.dependencies(id),
          client.tasks.children(id, { pageSize: 100 }),
        ]);
        out.document({ ...task, attempts: attempts.items, dependencies: dependencies.items, children: children.items });
        out.fields(describe(task, out.style));
        const waitsFor = dependencies.items.filter(({ taskId }) => taskId === id);
        for (const { dependsOn, state } of waitsFor) out.line(`waits for ${dependsOn} (${state})`);
        for (const child of children.items) out.line(`child ${child.id} ${child.type}: ${child.status}`);
        if (attempts.items.length > 0) {
          out.line();
          out.table(attempts.items, ATTEMPT_COLUMNS, '');
        }
      }),
    );
}

function describe(task: Task, style: Style): [string, string | null][] {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  return [
    ['task', task.id],
    ['type', task.type],
    ['queue', task.queue],
    ['status', style(taskStatusColour(task.status), task.status)],
    ['priority', String(task.priority)],
    ['attempt', `${task.attempt}; ${task.failures} of ${task.maxAttempts} failed`],
    ['agent', task.claimedBy],
    ['due', formatTime(task.runAt)],
    ['deadline', task.deadline === null ? null : formatTime(task.deadline)],
    ['session', task.sessionId],
    ['parent', task.parentId],
    ['created', formatTime(task.createdAt)],
    ['finished', task.finishedAt === null ? null : formatTime(task.finishedAt)],
    ['payload', JSON.stringify(task.payload)],
    ['progress', json(task.progress)],
    ['result', json(task.result)],
    ['error', task.error === null ? null : errorText(task.error)],
  ];
}

function errorText(error: unknown): string {
  const { name, message } = error as { name?: unknown; message?: unknown };
  return typeof message === 'string' ? `${String(name ?? 'Error')}: ${message}` : JSON.stringify(error);
}
