import type { Client, CreateSchedule, Schedule } from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { jsonObject } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { UsageError } from '../usage-error.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<Schedule>[] = [
  { header: 'NAME', value: (schedule) => schedule.name, flexible: true },
  { header: 'CRON', value: (schedule) => schedule.cron },
  { header: 'ZONE', value: (schedule) => schedule.timezone },
  { header: 'TASK', value: (schedule) => schedule.task.type },
  { header: 'NEXT', value: (schedule) => formatTime(schedule.nextRunAt) },
  { header: 'LAST', value: (schedule) => formatTime(schedule.lastRunAt) },
  {
    header: 'STATE',
    value: (schedule) => (schedule.enabled ? 'enabled' : 'disabled'),
    colour: (schedule) => (schedule.enabled ? 'green' : 'dim'),
  },
];

interface CreateOptions {
  cron: string;
  type: string;
  timezone?: string;
  queue?: string;
  payload?: Record<string, unknown>;
  catchUp?: 'skip' | 'once';
  overlap?: 'allow' | 'skip';
  disabled?: boolean;
}

export function registerSchedules(program: Command, registry: Registry): void {
  const schedules = program
    .command('schedules')
    .description('tasks that come again and again (<schedule> is a name or an id)');

  listOptions(schedules.command('list').description('list the schedules')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.schedules.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'There are no schedules.');
      noteFurtherPages(out, page);
    }),
  );

  schedules
    .command('create <name>')
    .description('let a task come again and again')
    .requiredOption('--cron <expression>', 'when: minute hour day month weekday, as "30 2 * * 1-5"')
    .requiredOption('--type <type>', 'type of the task')
    .option('--timezone <name>', 'where the expression is read, as Europe/Berlin; UTC without')
    .option('--queue <queue>', 'queue of the task')
    .option('--payload <json>', 'payload of the task', jsonObject)
    .addOption(new Option('--catch-up <policy>', 'what becomes of times that were missed').choices(['skip', 'once']))
    .addOption(
      new Option('--overlap <policy>', 'whether it comes while the last one is not over').choices(['allow', 'skip']),
    )
    .option('--disabled', 'do not begin yet')
    .action(
      action<[string], CreateOptions>(registry, async ({ client, out }, [name], options) => {
        const schedule = await client.schedules.create(toSchedule(name, options));
        out.document(schedule);
        out.line(`Created ${out.style('bold', schedule.name)}. ${nextOf(schedule)}`);
      }),
    );

  for (const [verb, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    schedules
      .command(`${verb} <schedule>`)
      .description(enabled ? 'let a schedule go on, from now' : 'hold a schedule')
      .action(
        action<[string], object>(registry, async ({ client, out }, [reference]) => {
          const { id, version } = await find(client, reference);
          const schedule = await client.schedules.update(id, version, { enabled });
          out.document(schedule);
          out.line(`${enabled ? 'Enabled' : 'Disabled'} ${out.style('bold', schedule.name)}. ${nextOf(schedule)}`);
        }),
      );
  }

  schedules
    .command('delete <schedule>')
    .description('delete a schedule; its tasks stay')
    .action(
      action<[string], object>(registry, async ({ client, out }, [reference]) => {
        const { id, name, version } = await find(client, reference);
        await client.schedules.delete(id, version);
        out.document({ id, deleted: true });
        out.line(`Deleted ${out.style('bold', name)}.`);
      }),
    );
}

function toSchedule(name: string, options: CreateOptions): CreateSchedule {
  return {
    name,
    cron: options.cron,
    ...(options.timezone === undefined ? {} : { timezone: options.timezone }),
    task: {
      type: options.type,
      ...(options.queue === undefined ? {} : { queue: options.queue }),
      ...(options.payload === undefined ? {} : { payload: options.payload as CreateSchedule['task']['payload'] }),
    },
    ...(options.catchUp === undefined ? {} : { catchUp: options.catchUp }),
    ...(options.overlap === undefined ? {} : { overlap: options.overlap }),
    enabled: options.disabled !== true,
  };
}

/** By name, or by id. */
async function find(client: Client, reference: string): Promise<Schedule> {
  for (let page = 1; ; page++) {
    const { items, total, pageSize } = await client.schedules.list({ page, pageSize: 100 });
    const found = items.find(({ id, name }) => id === reference || name === reference);
    if (found) return found;
    if (page * pageSize >= total) throw new UsageError(`There is no schedule "${reference}".`);
  }
}

function nextOf({ nextRunAt, timezone }: Schedule): string {
  return nextRunAt === null
    ? 'It does not come until it is enabled or its times can be read.'
    : `It comes next at ${formatTime(nextRunAt)} (read in ${timezone}).`;
}
