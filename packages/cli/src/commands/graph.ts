import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Client, GraphTraversal, IngestGraph, TraverseGraph } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, positiveInteger, positiveNumber } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { UsageError } from '../usage-error.ts';
import { registerGraphImpact } from './graph-impact.ts';
import { registerGraphImport } from './graph-import.ts';
import { registerGraphIndex, registerGraphMeaning } from './graph-index.ts';
import { registerGraphQueries } from './graph-queries.ts';
import { registerEntitySessions } from './session-bridge.ts';

type Visited = GraphTraversal['visited'][number];

const VISITED: Column<Visited>[] = [
  { header: 'HOPS', value: ({ depth }) => String(depth), align: 'right' },
  { header: 'NAME', value: ({ name }) => name ?? '-' },
  { header: 'ENTITY', value: ({ id }) => id, flexible: true },
  { header: 'TYPE', value: ({ type }) => type ?? '-' },
  { header: 'SURE', value: ({ confidence }) => `${Math.round(confidence * 100)} %`, align: 'right' },
  { header: 'BY WAY OF', value: ({ from }) => from ?? '-', flexible: true },
];

/** From this relevance on a result of the search is what was named, and not one that is like it. */
const IS_NAMED = 0.95;

interface EdgeOptions {
  type?: string[];
  confidence?: number;
  at?: string;
  depth?: number;
}

export function registerGraph(program: Command, registry: Registry): void {
  const graph = program
    .command('graph')
    .description('what the code is made of and what is around it (<entity> is a name, a path, or an id)');

  registerGraphIndex(graph, registry);
  registerGraphMeaning(graph, registry);
  registerGraphImport(graph, registry);

  graph
    .command('ingest <file>')
    .description('take entities and relationships from a JSON file')
    .action(
      action<[string], object>(registry, async ({ client, out, io }, [file]) => {
        const result = await client.graph.ingest(await readSayings(resolve(io.cwd(), file)));
        out.document(result);
        const { entities, relationships, problems, revision } = result;
        out.line(
          `Entities: ${countsText(entities)}. Relationships: ${countsText(relationships)}. Revision ${revision}.`,
        );
        for (const { edge, field, reason } of problems) out.note(`${edge}: ${field} ${reason}; it was left out.`);
      }),
    );

  graph
    .command('show <entity>')
    .description('show an entity and what it was before')
    .action(
      action<[string], object>(registry, async ({ client, out }, [named]) => {
        const id = await entityId(client, named);
        const known = await client.graph.entity(id);
        const { versions } = await client.graph.entityTimeline(id);
        out.document({ ...known, versions });
        out.line(`${out.style('bold', id)} is a ${known.entity.type}${known.validTo === null ? '' : ' that is gone'}.`);
        out.line(JSON.stringify(known.entity));
        for (const { timestamp, until, hash } of versions) {
          out.line(`${formatTime(timestamp)} to ${until === null ? 'now' : formatTime(until)}: ${hash}`);
        }
      }),
    );

  graph
    .command('as-of <time> <entity>')
    .description('show an entity as it was, with what it led to and what led to it then (<time> is ISO 8601)')
    .action(
      action<[string, string], object>(registry, async ({ client, out }, [at, named]) => {
        const id = await entityId(client, named);
        const known = await client.graph.entity(id, at);
        const neighbours = await client.graph.traverse({ startId: id, direction: 'both', maxDepth: 1, at });
        out.document({ ...known, neighbours });
        out.line(JSON.stringify(known.entity));
        out.table(neighbours.visited.slice(1), VISITED, 'Nothing led to it, and it led to nothing.');
      }),
    );

  graph
    .command('checkpoint <entities...>')
    .description('keep what is around some entities as it is now, when old history is forgotten')
    .option('--hops <number>', 'how far around them, 1 to 5; 2 without', positiveInteger)
    .action(
      action<[string[]], { hops?: number }>(registry, async ({ client, out }, [named], { hops }) => {
        const seedEntities = [];
        for (const one of named) seedEntities.push(await entityId(client, one));
        const taken = await client.graph.takeCheckpoint({
          seedEntities,
          reason: 'manual',
          ...(hops === undefined ? {} : { hops }),
        });
        out.document(taken);
        out.line(`${taken.id} includes ${taken.members} entities.`);
      }),
    );

  registerGraphImpact(graph, registry, entityId);
  registerGraphQueries(graph, registry, entityId);
  registerEntitySessions(graph, registry, entityId);

  const walks = [
    ['callers', 'incoming', 'show what calls an entity, directly or by way of others', ['CALLS']],
    ['callees', 'outgoing', 'show what an entity calls, directly or by way of others', ['CALLS']],
  ] as const;
  for (const [name, direction, about, types] of walks) {
    edgeOptions(graph.command(`${name} <entity>`).description(about))
      .option('--depth <hops>', 'hops, 1 to 10', positiveInteger)
      .action(
        action<[string], EdgeOptions>(registry, async ({ client, out }, [named], { depth = 1, type, ...options }) => {
          const startId = await entityId(client, named);
          const relationshipTypes = typesOf(type ?? types);
          const query = { startId, direction, maxDepth: depth, ...edgeQuery(options), relationshipTypes };
          const found = await client.graph.traverse(query);
          out.document(found);
          out.table(found.visited.slice(1), VISITED, 'There are none.');
          if (found.truncated) out.note('There are more. Ask for fewer hops, or one type.');
        }),
      );
  }

  edgeOptions(graph.command('path <from> <to>').description('show the shortest way from an entity to another'))
    .option('--depth <hops>', 'most hops, 1 to 10', positiveInteger)
    .action(
      action<[string, string], EdgeOptions>(registry, async ({ client, out }, [from, to], options) => {
        const [startId, endId] = [await entityId(client, from), await entityId(client, to)];
        const { depth, type, ...rest } = options;
        const result = await client.graph.paths({
          startId,
          endId,
          ...(depth === undefined ? {} : { maxDepth: depth }),
          ...(type === undefined ? {} : { relationshipTypes: typesOf(type) }),
          ...edgeQuery(rest),
        });
        out.document(result);
        const [path] = result.paths;
        if (!path) return out.line(`There is no way from ${startId} to ${endId}.`);
        path.entities.forEach((id, n) => {
          const type = path.relationshipTypes[n - 1];
          out.line(type === undefined ? id : `  ${out.style('dim', type)} ${id}`);
        });
      }),
    );

  edgeOptions(graph.command('cycles').description('show where entities depend on themselves')).action(
    action<[], EdgeOptions>(registry, async ({ client, out }, _args, { type, ...options }) => {
      const relationshipTypes = type === undefined ? {} : { relationshipTypes: typesOf(type) };
      const found = await client.graph.cycles({ ...relationshipTypes, ...edgeQuery(options) });
      out.document(found);
      if (found.total === 0) out.line('There are no cycles.');
      for (const { entities, cycle } of found.components) {
        out.line(`${entities.length} depend on each other: ${[...cycle, cycle[0]].join(' -> ')}`);
      }
      if (found.total > found.components.length) out.note(`There are ${found.total} of them.`);
    }),
  );
}

/** The id of what goes by this name or path; an id is one already. */
async function entityId(client: Client, named: string): Promise<string> {
  if (/^[a-z]+:/i.test(named)) return named;
  const { results } = await client.graph.search({ query: named, limit: 20 });
  const best = results[0]?.relevance ?? 0;
  const same = results.filter(({ relevance }) => relevance >= IS_NAMED && relevance === best);
  if (same.length > 1) {
    throw new UsageError(`${named} may be any of these; say which:\n${same.map(({ id }) => `  ${id}`).join('\n')}`);
  }
  return same[0]?.id ?? named;
}

function edgeOptions(command: Command): Command {
  return command
    .option('--type <type>', 'types of relationships, such as CALLS; may be repeated', collect)
    .option('--confidence <number>', 'of edges, from 0 to 1', positiveNumber)
    .option('--at <time>', 'as of a moment, ISO 8601');
}

function edgeQuery({ confidence, at }: EdgeOptions): { minConfidence?: number; at?: string } {
  return { ...(confidence === undefined ? {} : { minConfidence: confidence }), ...(at === undefined ? {} : { at }) };
}

/** The server knows which there are, and says so. */
function typesOf(types: readonly string[]): NonNullable<TraverseGraph['relationshipTypes']> {
  return types.map((type) => type.toUpperCase()) as NonNullable<TraverseGraph['relationshipTypes']>;
}

function countsText({ added, changed, removed }: { added: number; changed: number; removed: number }): string {
  return `${added} added, ${changed} changed, ${removed} removed`;
}

/** The server checks what it says. */
async function readSayings(file: string): Promise<IngestGraph> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as IngestGraph;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`${file} is not JSON: ${error.message}`);
  }
}
