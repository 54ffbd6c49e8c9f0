import type { Client, CreateSpec, LinkSpec, Spec, SpecDetails, TestPlan } from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, positiveInteger, repeat } from '../arguments.ts';
import type { Output } from '../output/output.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { UsageError } from '../usage-error.ts';
import { noteFurtherPages } from './list-options.ts';

type Planned = TestPlan['testPlan']['unitTests'][number];
type Criterion = SpecDetails['testCoverage']['criteria'][number];
type LinkType = NonNullable<LinkSpec['links']>[number]['type'];

const PRIORITIES = ['critical', 'high', 'medium', 'low'] as const;
const STATUSES = ['draft', 'approved', 'implemented', 'deprecated'] as const;
const LINK_TYPES: Readonly<Record<string, LinkType>> = {
  implements: 'IMPLEMENTS_SPEC',
  validates: 'VALIDATES',
  requires: 'REQUIRES',
  impacts: 'IMPACTS',
};

const SPECS: Column<Spec>[] = [
  { header: 'ID', value: ({ id }) => id },
  { header: 'STATUS', value: ({ status }) => status },
  { header: 'PRIORITY', value: ({ priority }) => priority },
  { header: 'TITLE', value: ({ title }) => title, flexible: true },
  { header: 'CRITERIA', value: ({ acceptanceCriteria }) => String(acceptanceCriteria.length), align: 'right' },
  { header: 'UPDATED', value: ({ updated }) => formatTime(updated) },
];
const CRITERIA: Column<Criterion>[] = [
  { header: 'CRITERION', value: ({ id }) => id },
  {
    header: 'TESTS',
    value: ({ tests, passing }) => (tests.length === 0 ? 'none' : `${tests.length}${passing ? ', passing' : ''}`),
    colour: ({ tests, passing }) => (tests.length === 0 ? 'red' : passing ? 'green' : 'yellow'),
  },
  { header: 'TEXT', value: ({ text }) => text, flexible: true },
];
const PLANNED: Column<Planned>[] = [
  { header: 'KIND', value: ({ type }) => type },
  {
    header: 'STATUS',
    value: ({ status }) => status,
    colour: ({ status }) => (status === 'passing' ? 'green' : status === 'missing' ? 'red' : 'yellow'),
  },
  { header: 'CRITERIA', value: ({ acceptanceCriteriaIds }) => acceptanceCriteriaIds.join(', ') || '-' },
  { header: 'TEST', value: ({ name }) => name, flexible: true },
];

interface CreateOptions {
  description: string;
  goal?: string[];
  criterion: string[];
  priority?: (typeof PRIORITIES)[number];
  assignee?: string;
  tag?: string[];
  requires?: string[];
}

interface ListOptions {
  status?: string[];
  priority?: string[];
  assignee?: string;
  tag?: string[];
  search?: string;
  page?: number;
  limit?: number;
}

export function registerSpecs(program: Command, registry: Registry): void {
  const specs = program
    .command('specs')
    .description('what is wanted of the code, and which tests tell whether it is so (<spec> is an id or a title)');

  specs
    .command('create <title>')
    .description('say what is wanted')
    .requiredOption('--description <text>', 'why, and whatever else there is to say')
    .requiredOption('--criterion <text>', 'when it is done; may be repeated', repeat)
    .option('--goal <text>', 'what it is for; may be repeated', repeat)
    .addOption(new Option('--priority <level>', 'how much it matters').choices(PRIORITIES))
    .option('--assignee <name>', 'who looks after it')
    .option('--tag <name>', 'may be repeated', collect)
    .option('--requires <spec>', 'a specification that it needs; may be repeated', collect)
    .action(
      action<[string], CreateOptions>(registry, async ({ client, out }, [title], options) => {
        const { description, goal = [], criterion, priority, assignee, tag, requires } = options;
        const wanted: CreateSpec = {
          ...{ title, description, goals: goal, acceptanceCriteria: criterion },
          ...(priority === undefined ? {} : { priority }),
          ...(assignee === undefined ? {} : { assignee }),
          ...(tag === undefined ? {} : { tags: tag }),
          ...(requires === undefined ? {} : { dependencies: requires }),
        };
        const made = await client.specs.create(wanted);
        out.document(made);
        out.line(`Made ${out.style('bold', made.specId)}.`);
        showCheck(out, made.validationResults);
      }),
    );

  specs
    .command('list')
    .description('list specifications, the latest change first')
    .option('--status <status>', `${STATUSES.join(', ')}; may be repeated`, collect)
    .option('--priority <level>', `${PRIORITIES.join(', ')}; may be repeated`, collect)
    .option('--assignee <name>', 'only what they look after')
    .option('--tag <name>', 'only what has it; may be repeated', collect)
    .option('--search <text>', 'anywhere in title, description or a criterion')
    .option('--page <number>', 'which page', positiveInteger)
    .option('--limit <count>', 'how many on a page, up to 100', positiveInteger)
    .action(
      action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
        const { status, priority, assignee, tag, search, page, limit } = options;
        const found = await client.specs.list({
          ...(status === undefined ? {} : { status: status as Spec['status'][] }),
          ...(priority === undefined ? {} : { priority: priority as Spec['priority'][] }),
          ...(assignee === undefined ? {} : { assignee }),
          ...(tag === undefined ? {} : { tags: tag }),
          ...(search === undefined ? {} : { search }),
          ...(page === undefined ? {} : { page }),
          ...(limit === undefined ? {} : { pageSize: limit }),
        });
        out.document(found);
        out.table(found.items, SPECS, 'There are no specifications.');
        noteFurtherPages(out, found);
      }),
    );

  specs
    .command('show <spec>')
    .description('show a specification with its criteria and what is tied to it')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        const details = await client.specs.get(await specId(client, id));
        out.document(details);
        show(out, details);
      }),
    );

  specs
    .command('update <spec>')
    .description('change how far a specification is, or how much it matters')
    .addOption(new Option('--status <status>', 'how far it is').choices(STATUSES))
    .addOption(new Option('--priority <level>', 'how much it matters').choices(PRIORITIES))
    .option('--criterion <text>', 'all its criteria anew; may be repeated', repeat)
    .action(
      action<[string], { status?: Spec['status']; priority?: Spec['priority']; criterion?: string[] }>(
        registry,
        async ({ client, out }, [id], { status, priority, criterion }) => {
          const { id: own, version } = (await client.specs.get(await specId(client, id))).spec;
          const changed = await client.specs.update(own, version, {
            ...(status === undefined ? {} : { status }),
            ...(priority === undefined ? {} : { priority }),
            ...(criterion === undefined ? {} : { acceptanceCriteria: criterion }),
          });
          out.document(changed);
          out.line(`${out.style('bold', changed.spec.title)} is ${changed.spec.status}.`);
          showCheck(out, changed.validationResults);
        },
      ),
    );

  specs
    .command('link <spec> <entity>')
    .description('tie code, a test or another specification to one')
    .addOption(
      new Option('--as <kind>', 'what the entity is to it').choices(Object.keys(LINK_TYPES)).default('implements'),
    )
    .option('--criterion <id>', 'which criterion it is about; may be repeated', collect)
    .option('--remove', 'untie it')
    .action(
      action<[string, string], { as: string; criterion?: string[]; remove?: boolean }>(
        registry,
        async ({ client, out }, [id, entityId], { as, criterion, remove = false }) => {
          const tie = { entityId, type: LINK_TYPES[as] ?? 'IMPLEMENTS_SPEC' };
          const terms = criterion === undefined ? {} : { acceptanceCriteriaIds: criterion };
          const own = await specId(client, id);
          const details = await client.specs.link(own, remove ? { unlink: [tie] } : { links: [{ ...tie, ...terms }] });
          out.document(details);
          show(out, details);
        },
      ),
    );

  specs
    .command('test-plan <spec>')
    .description('show which tests a specification has, and which are missing')
    .option('--performance', 'also tests of how fast it is')
    .option('--security', 'also tests of how safe it is')
    .action(
      action<[string], { performance?: boolean; security?: boolean }>(
        registry,
        async ({ client, out }, [id], { performance = false, security = false }) => {
          const plan = await client.specs.testPlan(await specId(client, id), {
            includePerformanceTests: performance,
            includeSecurityTests: security,
          });
          out.document(plan);
          out.table(Object.values(plan.testPlan).flat(), PLANNED, 'Nothing is planned.');
          const { criteria } = plan.estimatedCoverage;
          out.line(`Of ${criteria} % of the criteria a test is known.`);
          for (const { acceptanceCriteriaId, reason } of plan.gaps)
            out.note(`${acceptanceCriteriaId === null ? '' : `${acceptanceCriteriaId}: `}${reason}`);
        },
      ),
    );
}

/** The id of what goes by an id, or by a title that only one has. */
async function specId(client: Client, named: string): Promise<string> {
  if (named.startsWith('spec:')) return named;
  const { items } = await client.specs.list({ search: named, pageSize: 100 });
  const own = items.filter(({ title }) => title === named);
  if (own.length > 1) {
    throw new UsageError(`Several are called so: ${own.map(({ id }) => id).join(', ')}. Name one by its id.`);
  }
  return own[0]?.id ?? named;
}

function show(
  out: Output,
  { spec, affectedEntities, relatedSpecs, testCoverage, validationResults }: SpecDetails,
): void {
  out.line(`${out.style('bold', spec.title)} is ${spec.status}, priority ${spec.priority}.`);
  out.table(testCoverage.criteria, CRITERIA, '');
  for (const { id, link } of affectedEntities) out.line(`${link.type} ${id}`);
  for (const { id, type, direction } of relatedSpecs)
    out.line(direction === 'outgoing' ? `${type} ${id}` : `${id} ${type} it`);
  showCheck(out, validationResults);
}

function showCheck(out: Output, { issues, suggestions }: SpecDetails['validationResults']): void {
  for (const { severity, line, message } of issues)
    out.note(`${severity}: ${line === null ? '' : `criterion ${line}: `}${message}`);
  for (const suggestion of suggestions) out.note(suggestion);
}
