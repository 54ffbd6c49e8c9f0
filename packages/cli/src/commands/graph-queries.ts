import type {
  Client,
  FoundGraphRelationships,
  GraphDependencies,
  GraphEntitySessions,
  GraphModuleChildren,
  GraphSessionTimeline,
  QueryGraphRelationships,
} from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, positiveInteger, positiveNumber } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';

type Relationship = FoundGraphRelationships['relationships'][number];
type Child = GraphModuleChildren['children'][number];
type Session = GraphEntitySessions['sessions'][number];
type Event = GraphSessionTimeline['events'][number];

interface Dependency {
  hops: number;
  way: string;
  entity: GraphDependencies['directDependencies'][number]['entity'];
  relationship: string;
}

const RELATIONSHIPS: Column<Relationship>[] = [
  { header: 'TYPE', value: ({ type }) => type },
  { header: 'FROM', value: ({ fromEntityId }) => fromEntityId, flexible: true },
  { header: 'TO', value: ({ toEntityId }) => toEntityId, flexible: true },
  { header: 'ID', value: ({ id }) => id },
];
const CHILDREN: Column<Child>[] = [
  { header: 'NAME', value: ({ entity }) => entity.name ?? '-' },
  { header: 'TYPE', value: ({ entity }) => entity.type ?? '-' },
  { header: 'ENTITY', value: ({ entity }) => entity.id, flexible: true },
];
const DEPENDENCIES: Column<Dependency>[] = [
  { header: 'WAY', value: ({ way }) => way },
  { header: 'HOPS', value: ({ hops }) => String(hops), align: 'right' },
  { header: 'NAME', value: ({ entity }) => entity.name ?? '-' },
  { header: 'ENTITY', value: ({ entity }) => entity.id, flexible: true },
  { header: 'BY', value: ({ relationship }) => relationship },
];
const SESSIONS: Column<Session>[] = [
  { header: 'SESSION', value: ({ sessionId }) => sessionId },
  { header: 'EVENTS', value: ({ eventCount }) => String(eventCount), align: 'right' },
  { header: 'BY', value: ({ actors }) => actors.join(', '), flexible: true },
  { header: 'LAST', value: ({ lastTimestamp }) => (lastTimestamp === null ? '-' : formatTime(lastTimestamp)) },
];
const EVENTS: Column<Event>[] = [
  { header: 'NUMBER', value: ({ sequenceNumber }) => String(sequenceNumber ?? '-'), align: 'right' },
  { header: 'TYPE', value: ({ type }) => type },
  { header: 'TO', value: ({ toEntityId }) => toEntityId, flexible: true },
  { header: 'BY', value: ({ actor }) => actor ?? '-' },
  { header: 'SEVERITY', value: ({ impactSeverity }) => impactSeverity ?? '-' },
  { header: 'AT', value: ({ timestamp }) => (timestamp === null ? '-' : formatTime(timestamp)) },
];

interface RelationOptions {
  from?: string;
  to?: string;
  type?: string[];
  confidence?: number;
  at?: string;
  limit?: number;
}

/** @param entityId the id of what goes by a name */
export function registerGraphQueries(
  graph: Command,
  registry: Registry,
  entityId: (client: Client, named: string) => Promise<string>,
): void {
  graph
    .command('relations')
    .description('list relationships; all that is given must hold')
    .option('--from <entity>', 'from where they lead')
    .option('--to <entity>', 'to where they lead')
    .option('--type <type>', 'of which type, such as CALLS; may be repeated', collect)
    .option('--confidence <number>', 'at least as sure, from 0 to 1', positiveNumber)
    .option('--at <time>', 'as of a moment, ISO 8601')
    .option('--limit <number>', 'at most so many; 100 without', positiveInteger)
    .action(
      action<[], RelationOptions>(registry, async ({ client, out }, _args, options) => {
        const { from, to, type, confidence, at, limit } = options;
        const found = await client.graph.relationships({
          ...(from === undefined ? {} : { fromEntityId: await entityId(client, from) }),
          ...(to === undefined ? {} : { toEntityId: await entityId(client, to) }),
          ...(type === undefined ? {} : { type: upper(type) }),
          ...(confidence === undefined ? {} : { confidenceMin: confidence }),
          ...(at === undefined ? {} : { at }),
          ...(limit === undefined ? {} : { limit }),
        });
        out.document(found);
        out.table(found.relationships, RELATIONSHIPS, 'There are none.');
        if (found.total > found.relationships.length) out.note(`There are ${found.total} of them.`);
      }),
    );

  graph
    .command('children <path>')
    .description('show what a module, file or directory contains')
    .action(
      action<[string], object>(registry, async ({ client, out }, [path]) => {
        const found = await client.graph.children(path);
        out.document(found);
        out.table(found.children, CHILDREN, found.parentId === null ? `Nobody knows ${path}.` : 'It contains nothing.');
        if (found.truncated) out.note('It contains more.');
      }),
    );

  graph
    .command('depends <entity>')
    .description('show what an entity depends on, what depends on it, and the circle that it is part of')
    .option('--depth <hops>', 'hops, 1 to 10', positiveInteger)
    .action(
      action<[string], { depth?: number }>(registry, async ({ client, out }, [named], { depth }) => {
        const id = await entityId(client, named);
        const found = await client.graph.dependencies({ entityId: id, ...(depth ? { maxDepth: depth } : {}) });
        out.document(found);
        out.table(dependenciesOf(found), DEPENDENCIES, 'It depends on nothing, and nothing depends on it.');
        for (const { cycle } of found.circularDependencies) {
          out.line(`It is part of a circle: ${[...cycle, cycle[0]].join(' -> ')}`);
        }
        if (found.truncated) out.note('There are more. Ask for fewer hops.');
      }),
    );

  graph
    .command('examples <entity>')
    .description('show how an entity is used, by the code that does and the tests that try it')
    .option('--limit <number>', 'at most so many; 10 without', positiveInteger)
    .action(
      action<[string], { limit?: number }>(registry, async ({ client, out }, [named], { limit }) => {
        const id = await entityId(client, named);
        const found = await client.graph.examples({ entityId: id, ...(limit === undefined ? {} : { limit }) });
        out.document(found);
        out.line(out.style('bold', found.signature));
        for (const { file, line, context, code } of found.usageExamples) {
          out.line(`\n${file}:${line} (${context})\n${code ?? 'Its source cannot be read.'}`);
        }
        for (const { testName, testCode } of found.testExamples) {
          out.line(`\n${testName}\n${testCode ?? 'Its source cannot be read.'}`);
        }
      }),
    );

  graph
    .command('sessions <entity>')
    .description('show which sessions touched an entity')
    .action(
      action<[string], object>(registry, async ({ client, out }, [named]) => {
        const found = await client.graph.entitySessions({ entityId: await entityId(client, named) });
        out.document(found);
        out.table(found.sessions, SESSIONS, 'None that the graph knows of.');
        if (found.totalSessions > found.sessions.length) out.note(`There are ${found.totalSessions} of them.`);
        if (found.truncated) out.note('It was touched more often than is looked at.');
      }),
    );

  graph
    .command('session <session>')
    .description('show what the graph knows of what a session did')
    .action(
      action<[string], object>(registry, async ({ client, out }, [sessionId]) => {
        const found = await client.graph.sessionTimeline({ sessionId });
        out.document(found);
        out.table(found.events, EVENTS, 'Nothing.');
        if (found.total > found.events.length) out.note(`There are ${found.total} of them.`);
        if (found.truncated) out.note('It did more than is looked at.');
      }),
    );
}

function dependenciesOf(found: GraphDependencies): Dependency[] {
  const { directDependencies, indirectDependencies, reverseDependencies } = found;
  return [
    ...directDependencies.map((one) => ({ ...one, way: 'needs', hops: 1 })),
    ...indirectDependencies.map((one) => ({ ...one, way: 'needs', hops: one.distance })),
    ...reverseDependencies.map((one) => ({ ...one, way: 'is needed by', hops: 1 })),
  ];
}

/** The server knows which there are, and says so. */
function upper(types: readonly string[]): NonNullable<QueryGraphRelationships['type']> {
  return types.map((type) => type.toUpperCase()) as NonNullable<QueryGraphRelationships['type']>;
}
