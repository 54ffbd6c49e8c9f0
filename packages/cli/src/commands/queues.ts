import type { Queue, UpdateQueue } from '@signalbox/client';
import { type Command, InvalidArgumentError } from 'commander';
import { action, type Registry } from '../action.ts';
import { duration, positiveInteger } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { formatDuration } from '../output/time.ts';
import { UsageError } from '../usage-error.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

/** The verbs that take a queue and nothing else. */
const VERBS = {
  pause: { about: 'let nothing more be claimed from a queue', done: 'Paused' },
  resume: { about: 'let a paused queue go on', done: 'Resumed' },
  drain: { about: 'let no new tasks into a queue', done: 'Draining' },
  open: { about: 'let a draining queue take tasks again', done: 'Opened' },
} as const;

const COLUMNS: Column<Queue>[] = [
  { header: 'QUEUE', value: (queue) => queue.name, flexible: true },
  { header: 'STATE', value: stateOf, colour: (queue) => (stateOf(queue) === 'open' ? 'green' : 'yellow') },
  { header: 'READY', value: (queue) => countText(queue.ready), align: 'right' },
  { header: 'DELAYED', value: (queue) => countText(queue.delayed), align: 'right' },
  { header: 'WAITING', value: (queue) => countText(queue.waiting), align: 'right' },
  { header: 'AT WORK', value: (queue) => countText(atWork(queue)), align: 'right' },
  { header: 'DEAD', value: (queue) => countText(queue.dead), align: 'right' },
  { header: 'OLDEST', value: (queue) => seconds(queue.oldestReadySeconds), align: 'right' },
  { header: 'DONE/S', value: ({ activity }) => activity.throughput.toFixed(1), align: 'right' },
  { header: 'FAILED', value: ({ activity }) => share(activity.failureShare), align: 'right' },
];

/** Commander takes null for a value that is missing. */
const NONE = 'none';

interface LimitOptions {
  atOnce?: number | typeof NONE;
  perKey?: number | typeof NONE;
  rate?: { limit: number; seconds: number } | typeof NONE;
}

export function registerQueues(program: Command, registry: Registry): void {
  const queues = program.command('queues').description('show, limit, pause and drain the queues in which tasks wait');

  listOptions(queues.command('list').description('list the queues with what they hold')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.queues.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'There are no queues yet. The first task makes one.');
      noteFurtherPages(out, page);
    }),
  );

  queues
    .command('show <queue>')
    .description('show one queue with its limits and why its tasks fail')
    .action(
      action<[string], object>(registry, async ({ client, out }, [name]) => {
        const queue = await client.queues.get(name);
        out.document(queue);
        out.fields(describe(queue));
      }),
    );

  for (const [verb, { about, done }] of Object.entries(VERBS) as [
    keyof typeof VERBS,
    { about: string; done: string },
  ][]) {
    queues
      .command(`${verb} <queue>`)
      .description(about)
      .action(
        action<[string], object>(registry, async ({ client, out }, [name]) => {
          const queue = await client.queues[verb](name);
          out.document(queue);
          out.line(`${done} ${out.style('bold', queue.name)}; it is ${stateOf(queue)}.`);
        }),
      );
  }

  queues
    .command('limit <queue>')
    .description('limit a queue; `none` takes a limit away, what is not named stays')
    .option('--at-once <count>', 'most tasks that are worked on at the same time', countOrNone)
    .option('--per-key <count>', 'the same for each concurrency key', countOrNone)
    .option('--rate <count/duration>', 'most tasks that are begun in a time, as 100/60s', rateOrNone)
    .action(
      action<[string], LimitOptions>(registry, async ({ client, out }, [name], options) => {
        const change: UpdateQueue = {
          ...(options.atOnce === undefined ? {} : { maxConcurrent: orNull(options.atOnce) }),
          ...(options.perKey === undefined ? {} : { maxConcurrentPerKey: orNull(options.perKey) }),
          ...(options.rate === undefined ? {} : { rate: orNull(options.rate) }),
        };
        if (Object.keys(change).length === 0) throw new UsageError('Name a limit: --at-once, --per-key or --rate.');
        const { version } = await client.queues.get(name);
        const queue = await client.queues.update(name, version, change);
        out.document(queue);
        out.line(`${out.style('bold', queue.name)}: ${limitsOf(queue)}.`);
      }),
    );
}

function orNull<Value>(value: Value | typeof NONE): Value | null {
  return value === NONE ? null : value;
}

function countOrNone(text: string): number | typeof NONE {
  return text === NONE ? NONE : positiveInteger(text);
}

function rateOrNone(text: string): LimitOptions['rate'] {
  if (text === NONE) return NONE;
  const [count = '', time, ...rest] = text.split('/');
  if (time === undefined || rest.length > 0)
    throw new InvalidArgumentError('It must have the form 100/60s, or be none.');
  return { limit: positiveInteger(count), seconds: duration(time) };
}

function describe(queue: Queue): [string, string | null][] {
  const { activity } = queue;
  const reasons = queue.failureReasons.map(({ name, message, count }) => `${count} × ${name}: ${message}`);
  return [
    ['queue', queue.name],
    ['state', stateOf(queue)],
    ['limits', limitsOf(queue)],
    ['ready', `${countText(queue.ready)}, the oldest for ${seconds(queue.oldestReadySeconds)}`],
    ['delayed', countText(queue.delayed)],
    ['waiting', countText(queue.waiting)],
    ['at work', `${countText(atWork(queue))}, ${countText(queue.running)} of them begun`],
    ['dead', countText(queue.dead)],
    ['failed', countText(queue.failed)],
    [
      `last ${formatDuration(activity.seconds)}`,
      `${activity.enqueued} came, ${activity.claimed} claimed, ${activity.completed} completed, ${activity.failed} failed, ${activity.lost} lost`,
    ],
    ['done', `${activity.throughput.toFixed(1)} a second`],
    ['attempt', activity.meanMs === null ? null : `${formatDuration(activity.meanMs / 1000)} on average`],
    ['failing', share(activity.failureShare)],
    ['reasons', reasons.length === 0 ? null : reasons.join('; ')],
    ['version', String(queue.version)],
  ];
}

function stateOf({ paused, draining }: Queue): string {
  if (paused && draining) return 'paused, draining';
  return paused ? 'paused' : draining ? 'draining' : 'open';
}

function limitsOf({ maxConcurrent, maxConcurrentPerKey, rate }: Queue): string {
  const limits = [
    maxConcurrent === null ? null : `${maxConcurrent} at once`,
    maxConcurrentPerKey === null ? null : `${maxConcurrentPerKey} for each key`,
    rate === null ? null : `${rate.limit} in ${formatDuration(rate.seconds)}`,
  ].filter((limit) => limit !== null);
  return limits.length === 0 ? 'no limits' : limits.join(', ');
}

function atWork({ claimed, running }: Queue): Queue['claimed'] {
  return { count: claimed.count + running.count, exact: claimed.exact && running.exact };
}

/** `10000+` where counting stopped. */
function countText({ count, exact }: Queue['ready']): string {
  return exact ? String(count) : `${count}+`;
}

function seconds(value: number | null): string {
  return value === null ? '-' : formatDuration(value);
}

function share(value: number | null): string {
  return value === null ? '-' : `${(value * 100).toFixed(1)} %`;
}
