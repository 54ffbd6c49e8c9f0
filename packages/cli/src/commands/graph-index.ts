import { setTimeout as sleep } from 'node:timers/promises';
import type { FoundGraphEntities, GraphEntitiesByMeaning, GraphIndexJob, SearchGraph } from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { ensureWorkspace } from '../run/ensure-workspace.ts';

type Found = FoundGraphEntities['results'][number];

const FOUND: Column<Found>[] = [
  { header: 'NAME', value: ({ name, path }) => name ?? path ?? '-' },
  { header: 'TYPE', value: ({ type, kind }) => kind ?? type },
  { header: 'PATH', value: ({ path }) => path ?? '-', flexible: true },
  { header: 'ENTITY', value: ({ id }) => id, flexible: true },
];

/** How often it is asked how far an indexing is. */
const ASK_MS = 500;
/** Of what an entity says, on one line. */
const MOST_CONTEXT = 80;
const MODES = ['types', 'structure'] as const;

/** Reading code, and finding what was read. */
export function registerGraphIndex(graph: Command, registry: Registry): void {
  graph
    .command('index [path]')
    .description(
      'read the code, packages, documents and history of a directory, as far as they changed since the last time',
    )
    .option('--full', 'read all of it, whatever is remembered')
    .addOption(
      new Option(
        '--mode <mode>',
        'read TypeScript and JavaScript with types, or the structure alone, which is many times as fast',
      ).choices(MODES),
    )
    .option('--no-wait', 'do not wait until it is done')
    .action(
      action<[path?: string], { full?: boolean; mode?: (typeof MODES)[number]; wait: boolean }>(
        registry,
        async ({ client, out, io }, [path], { full = false, mode, wait }) => {
          const workspaceId = await ensureWorkspace(client, io.cwd(), path);
          let job = await client.graph.index({ workspaceId, full, ...(mode ? { mode } : {}) });
          while (wait && job.finishedAt === null) {
            await sleep(ASK_MS);
            job = await client.graph.indexJob(job.id);
          }
          out.document(job);
          tellOfJob(job, out);
          if (job.status === 'failed') throw new Error(`The code could not be read: ${job.error}`);
        },
      ),
    );

  graph
    .command('search <text>')
    .description('find entities by name, path or signature')
    .option('--type <type>', 'types of entities or kinds of symbols, such as function; may be repeated', collect)
    .option('--path <path>', 'a path, or a directory with all below it')
    .action(
      action<[string], { type?: string[]; path?: string }>(registry, async ({ client, out }, [query], options) => {
        const { type: entityTypes, path } = options;
        const found = await client.graph.search({
          query,
          ...(entityTypes ? { entityTypes: entityTypes as NonNullable<SearchGraph['entityTypes']> } : {}),
          ...(path === undefined ? {} : { path }),
        });
        out.document(found);
        out.table(found.results, FOUND, 'Nothing is called that. Index the code with `signalbox graph index <path>`.');
        if (found.truncated) out.note('There are more. Say which --type, or below which --path.');
      }),
    );
}

type Near = GraphEntitiesByMeaning['results'][number];

const NEAR: Column<Near>[] = [
  { header: 'NEAR', value: ({ similarity }) => similarity.toFixed(2), align: 'right' },
  { header: 'ENTITY', value: ({ entity }) => entity.id, flexible: true },
  { header: 'SAYS', value: ({ context }) => context.replace(/\s+/g, ' ').slice(0, MOST_CONTEXT), flexible: true },
];

/** Finding by meaning, with the provider of embeddings that the server is set to. */
export function registerGraphMeaning(graph: Command, registry: Registry): void {
  graph
    .command('embed')
    .description('make vectors of what has none yet, for search by meaning')
    .action(
      action<[], object>(registry, async ({ client, out }) => {
        const done = await client.graph.embed();
        out.document(done);
        const { embedded, space, totalTokens, totalCost, remaining } = done;
        out.line(`Embedded ${embedded} entities as ${space}: ${totalTokens} tokens, $${totalCost.toFixed(4)}.`);
        if (remaining) out.note('There are more. Run it again.');
      }),
    );

  graph
    .command('meaning <text>')
    .description('find entities by what they mean, of those that were embedded')
    .action(
      action<[string], object>(registry, async ({ client, out }, [query]) => {
        const found = await client.graph.searchByMeaning({ query });
        out.document(found);
        out.table(found.results, NEAR, 'Nothing is near. Was anything embedded? See `signalbox graph embed`.');
      }),
    );
}

function tellOfJob(job: GraphIndexJob, out: { line(text: string): void; note(text: string): void }): void {
  const { status, filesTotal, filesAffected, filesRemoved, filesDone, entities, relationships } = job;
  const { problems, problemCount } = job;
  if (status !== 'completed') {
    out.line(`${status}: ${filesDone} of ${filesAffected ?? '?'} files (${job.id}).`);
    return;
  }
  out.line(
    `Read ${filesDone} of ${filesTotal} files; ${filesRemoved} are gone. They have ${entities} entities and ${relationships} relationships.`,
  );
  for (const { path, problem } of problems) out.note(`${path}: ${problem}`);
  if (problemCount > problems.length) out.note(`There are ${problemCount} problems; these are the first.`);
}
