import type { Budget, Client, CreateBudget } from '@signalbox/client';
import { ApiError } from '@signalbox/client';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { positiveInteger } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { UsageError } from '../usage-error.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<Budget>[] = [
  { header: 'NAME', value: (budget) => budget.name, flexible: true },
  { header: 'OF', value: ({ owner }) => ownerText(owner) },
  { header: 'PERIOD', value: (budget) => budget.period },
  { header: 'TOKENS', value: (budget) => spentText(budget, 'tokens'), align: 'right' },
  { header: 'USD', value: (budget) => spentText(budget, 'costUsd'), align: 'right' },
  { header: 'SECONDS', value: (budget) => spentText(budget, 'seconds'), align: 'right' },
  { header: 'CALLS', value: (budget) => spentText(budget, 'toolCalls'), align: 'right' },
];

type Limits = CreateBudget['limits'];

interface SetOptions {
  tokens?: number;
  usd?: number;
  seconds?: number;
  calls?: number;
  session?: string;
  agent?: string;
  period?: 'total' | 'day' | 'month';
  warnAt?: number;
}

export function registerBudgets(program: Command, registry: Registry): void {
  const budgets = program
    .command('budgets')
    .description('what sessions, agents and the project may spend (<budget> is a name or an id)');

  listOptions(budgets.command('list').description('list the budgets with what is spent of them')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.budgets.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'There are no budgets: nothing is limited.');
      noteFurtherPages(out, page);
    }),
  );

  budgets
    .command('show <budget>')
    .description('show a budget with what is spent of it')
    .action(
      action<[string], object>(registry, async ({ client, out }, [name]) => {
        const budget = await client.budgets.get(name);
        out.document(budget);
        out.table([budget], COLUMNS, '');
        out.line(
          `It is warned of at ${Math.round(budget.warningShare * 100)} % of a limit. Version ${budget.version}.`,
        );
      }),
    );

  budgets
    .command('set <name>')
    .description(
      'make a budget, or change the limits that are named; what stood still for it goes on where it suffices',
    )
    .option('--tokens <count>', 'tokens of all kinds', positiveInteger)
    .option('--usd <amount>', 'US dollars', positiveNumber)
    .option('--seconds <count>', 'seconds of running', positiveInteger)
    .option('--calls <count>', 'tool calls', positiveInteger)
    .option('--session <id>', 'of a session and those below it, where the budget is made')
    .option('--agent <name>', 'of what an agent runs, where the budget is made')
    .addOption(new Option('--period <period>', 'how long a limit holds').choices(['total', 'day', 'month']))
    .option('--warn-at <percent>', 'percent of a limit from which it is warned of', positiveNumber)
    .action(
      action<[string], SetOptions>(registry, async ({ client, out }, [name], options) => {
        const before = await find(client, name);
        const budget = before ? await change(client, before, options) : await make(client, name, options);
        out.document(budget);
        out.line(`${before ? 'Changed' : 'Created'} ${out.style('bold', budget.name)}.`);
      }),
    );

  budgets
    .command('remove <budget>')
    .description('remove a budget; what stood still for it goes on')
    .action(
      action<[string], object>(registry, async ({ client, out }, [name]) => {
        const { id, version } = await client.budgets.get(name);
        await client.budgets.delete(id, version);
        out.document({ id, deleted: true });
        out.line(`Removed ${out.style('bold', name)}.`);
      }),
    );
}

function make(client: Client, name: string, options: SetOptions): Promise<Budget> {
  const limits = limitsOf(options);
  if (Object.keys(limits).length === 0) throw new UsageError('Name a limit: --tokens, --usd, --seconds or --calls.');
  return client.budgets.create({ name, owner: ownerOf(options), limits, ...settingsOf(options) });
}

function change(client: Client, before: Budget, options: SetOptions): Promise<Budget> {
  if (options.session !== undefined || options.agent !== undefined) {
    throw new UsageError(`${before.name} is there already, and whose spending it limits stays. Choose another name.`);
  }
  const limits = { ...before.limits, ...limitsOf(options) };
  return client.budgets.update(before.id, before.version, { limits, ...settingsOf(options) });
}

async function find(client: Client, name: string): Promise<Budget | null> {
  try {
    return await client.budgets.get(name);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'BUDGET_NOT_FOUND') return null;
    throw error;
  }
}

function settingsOf({ period, warnAt }: SetOptions): Pick<CreateBudget, 'period' | 'warningShare'> {
  return {
    ...(period === undefined ? {} : { period }),
    ...(warnAt === undefined ? {} : { warningShare: warnAt / 100 }),
  };
}

function limitsOf({ tokens, usd, seconds, calls }: SetOptions): Limits {
  return {
    ...(tokens === undefined ? {} : { tokens }),
    ...(usd === undefined ? {} : { costUsd: usd }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(calls === undefined ? {} : { toolCalls: calls }),
  };
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

function ownerOf({ session, agent }: SetOptions): CreateBudget['owner'] {
  if (session !== undefined && agent !== undefined) throw new UsageError('Name a session or an agent, not both.');
  if (session !== undefined) return { scope: 'session', sessionId: session };
  return agent === undefined ? { scope: 'project' } : { scope: 'agent', agent };
}

function ownerText(owner: Budget['owner']): string {
  if (owner.scope === 'project') return 'project';
  return owner.scope === 'session' ? `session ${owner.sessionId}` : `agent ${owner.agent}`;
}

function spentText({ limits, spent }: Budget, measure: keyof Budget['spent']): string {
  const limit = limits[measure];
  const used = measure === 'costUsd' ? spent[measure].toFixed(2) : String(Math.round(spent[measure]));
  return limit === undefined ? used : `${used}/${limit}`;
}
