import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type {
  ChangeReach,
  Client,
  CycleAlert,
  IngestedServices,
  ServiceMapEdge,
  ServiceTraversal,
  StateServices,
  TraceExport,
} from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, positiveInteger } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { UsageError } from '../usage-error.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

type Reached = ServiceTraversal['services'][number];

const REACHED: Column<Reached>[] = [
  { header: 'HOPS', value: ({ distance }) => String(distance), align: 'right' },
  { header: 'SERVICE', value: ({ service }) => service.key, flexible: true },
  { header: 'WAY', value: ({ direction }) => direction },
  { header: 'CRITICALITY', value: ({ service }) => service.criticality },
  { header: 'TEAM', value: ({ service }) => service.team ?? '-' },
  { header: 'SURE', value: ({ confidence }) => percent(confidence), align: 'right' },
];
const EDGES: Column<ServiceMapEdge>[] = [
  { header: 'SERVICE', value: ({ source }) => source, flexible: true },
  { header: 'DEPENDS ON', value: ({ target }) => target, flexible: true },
  { header: 'SURE', value: ({ confidence }) => percent(confidence), align: 'right' },
  { header: 'KNOWN BY', value: ({ discoverySources }) => discoverySources.join(', ') },
  {
    header: 'SEEN',
    value: ({ lastObservedAt, stale }) => `${formatTime(lastObservedAt)}${stale ? ', stale' : ''}`,
    colour: ({ stale }) => (stale ? 'yellow' : 'green'),
  },
];
const CYCLES: Column<CycleAlert>[] = [
  { header: 'ID', value: ({ id }) => id },
  {
    header: 'STATUS',
    value: ({ status }) => status,
    colour: ({ status }) => (status === 'open' ? 'red' : status === 'acknowledged' ? 'yellow' : 'green'),
  },
  { header: 'CYCLE', value: ({ path }) => [...path, path[0]].join(' -> '), flexible: true },
  { header: 'WHERE', value: ({ environment }) => environment ?? 'everywhere' },
  { header: 'SINCE', value: ({ detectedAt }) => formatTime(detectedAt) },
];

const FORMATS = ['compose', 'backstage', 'kubernetes', 'traces', 'services'] as const;
type Format = (typeof FORMATS)[number];

export function registerTopology(program: Command, registry: Registry): void {
  const topology = program
    .command('topology')
    .description('which services there are, what depends on what, and what a change can break');

  topology
    .command('ingest <file>')
    .description('take services and dependencies from a file; of a file that is not as it should be nothing is taken')
    .addOption(new Option('--format <format>', 'what the file is').choices([...FORMATS]).makeOptionMandatory())
    .option('--environment <name>', 'of which environment it tells; without, of every one')
    .option('--workspace <id>', 'in which workspace the code is that it names')
    .action(
      action<[string], { format: Format; environment?: string; workspace?: string }>(
        registry,
        async ({ client, out, io }, [file], { format, environment, workspace }) => {
          const text = await readFile(resolve(io.cwd(), file), 'utf8');
          const result = await take(client, format, text, { file, environment, workspace });
          out.document(result);
          for (const line of ingestedLines(result)) out.line(line);
        },
      ),
    );

  topology
    .command('show [service]')
    .description('show the map, or what a service depends on and what depends on it (by key or id)')
    .option('--depth <hops>', 'hops, 1 to 10', positiveInteger)
    .option('--environment <name>', 'only what holds in it, or in every one')
    .option('--stale', 'also what was not seen for long')
    .action(
      action<[string | undefined], { depth?: number; environment?: string; stale?: boolean }>(
        registry,
        async ({ client, out }, [service], { depth, environment, stale = false }) => {
          const where = environment === undefined ? {} : { environment };
          if (service === undefined) {
            const map = await client.topology.map({ includeStale: stale, ...where });
            out.document(map);
            out.line(`${map.services.length} services, ${map.edges.length} dependencies.`);
            out.table(map.edges, EDGES, 'Nothing depends on anything.');
            return;
          }
          const found = await client.topology.traverse({
            service,
            direction: 'both',
            includeStale: stale,
            ...where,
            ...(depth === undefined ? {} : { maxDepth: depth }),
          });
          out.document(found);
          const { key, criticality, team, discovered } = found.start;
          out.line(
            `${out.style('bold', key)} is ${criticality}${team === null ? '' : `, of ${team}`}${discovered ? '; nobody has described it yet' : ''}.`,
          );
          out.table(found.services, REACHED, 'It depends on nothing, and nothing depends on it.');
        },
      ),
    );

  listOptions(topology.command('cycles').description('list services that depend on each other in a circle'))
    .option('--status <status>', 'open, acknowledged or resolved; may be repeated', collect)
    .action(
      action<[], ListOptions & { status?: string[] }>(registry, async ({ client, out }, _args, options) => {
        const { page, pageSize } = listQuery(options);
        const found = await client.topology.cycles({
          ...(page === undefined ? {} : { page: Number(page) }),
          ...(pageSize === undefined ? {} : { pageSize: Number(pageSize) }),
          ...(options.status === undefined ? {} : { status: options.status as CycleAlert['status'][] }),
        });
        out.document(found);
        out.table(found.items, CYCLES, 'There are no cycles.');
        noteFurtherPages(out, found);
      }),
    );

  topology
    .command('acknowledge <alert>')
    .description('say that somebody looks after a cycle')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        const alert = await client.topology.acknowledgeCycle(id);
        out.document(alert);
        out.line(`Acknowledged ${out.style('bold', alert.path.join(' -> '))}.`);
      }),
    );

  topology
    .command('resolve <alert>')
    .description('say that a cycle is gone; one that is still there comes back')
    .option('--notes <text>', 'how; it is kept')
    .action(
      action<[string], { notes?: string }>(registry, async ({ client, out }, [id], { notes }) => {
        const alert = await client.topology.resolveCycle(id, notes ?? null);
        out.document(alert);
        out.line(`Resolved ${out.style('bold', alert.path.join(' -> '))}.`);
      }),
    );

  topology
    .command('stale')
    .description(
      'list dependencies that were not seen for long, or take those for stale that were seen last before a time',
    )
    .option('--before <time>', 'ISO 8601: mark what was seen last before it')
    .option('--source <name>', 'only what these know of, such as opentelemetry; may be repeated', collect)
    .action(
      action<[], { before?: string; source?: string[] }>(
        registry,
        async ({ client, out }, _args, { before, source }) => {
          if (before !== undefined) {
            const result = await client.topology.markStale(before, source);
            out.document(result);
            out.line(`${result.marked} ${result.marked === 1 ? 'dependency is' : 'dependencies are'} stale now.`);
            return;
          }
          const map = await client.topology.map({ includeStale: true });
          const stale = map.edges.filter((edge) => edge.stale);
          out.document({ edges: stale });
          out.table(stale, EDGES, 'Nothing is stale.');
        },
      ),
    );

  topology
    .command('reach [path...]')
    .description('show what a change of files can break (paths as the workspace has them), or all changes of a session')
    .option('--workspace <id>', 'the workspace that they are in: what uses their code is looked for')
    .option('--session <id>', 'in place of paths: what the session has changed')
    .action(
      action<[string[]], { workspace?: string; session?: string }>(
        registry,
        async ({ client, out }, [paths], options) => {
          const reach = await reachOf(client, paths, options);
          out.document(reach);
          out.line(`The reach is ${out.style('bold', reach.level)}.`);
          for (const reason of reach.reasons) out.line(reason);
        },
      ),
    );
}

function reachOf(
  client: Client,
  paths: string[],
  { workspace, session }: { workspace?: string; session?: string },
): Promise<ChangeReach> {
  const isOfSession = session !== undefined && paths.length === 0 && workspace === undefined;
  if (isOfSession) return client.topology.sessionReach(session);
  if (session !== undefined || paths.length === 0) throw new UsageError('Give either paths or --session.');
  return client.topology.reach({ paths, ...(workspace === undefined ? {} : { workspaceId: workspace }) });
}

async function take(
  client: Client,
  format: Format,
  text: string,
  { file, environment, workspace }: { file: string; environment?: string | undefined; workspace?: string | undefined },
): Promise<IngestedServices> {
  if (format !== 'traces' && format !== 'services') {
    return client.topology.import({
      format,
      text,
      ...(environment === undefined ? {} : { environment }),
      ...(workspace === undefined ? {} : { workspaceId: workspace }),
    });
  }
  if (environment !== undefined || workspace !== undefined) {
    throw new UsageError(`A file of ${format} says itself of which environment and workspace it tells.`);
  }
  return format === 'traces'
    ? client.topology.traces(readJson<TraceExport>(file, text))
    : client.topology.ingest(readJson<StateServices>(file, text));
}

/** The server checks what it says. */
function readJson<Said>(file: string, text: string): Said {
  try {
    return JSON.parse(text) as Said;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`${file} is not JSON: ${error.message}`);
  }
}

function ingestedLines({ services, dependencies, codeRules, cycles }: IngestedServices): string[] {
  const { opened, reopened, resolved } = cycles;
  return [
    `Services: ${services.added} added, ${services.discovered} of them only named; ${services.changed} changed.`,
    `Dependencies: ${dependencies.added} added, ${dependencies.changed} changed, ${dependencies.observed} seen again. Code rules: ${codeRules.added} added.`,
    ...(opened + reopened + resolved > 0 ? [`Cycles: ${opened} new, ${reopened} back again, ${resolved} gone.`] : []),
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
