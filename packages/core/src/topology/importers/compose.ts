import { posix } from 'node:path';
import { z } from 'zod';
import type { MapStatement } from '../ingest/statement.ts';
import { DraftedMap } from './drafted-map.ts';
import { namedHosts } from './named-hosts.ts';
import { keyOf, statedFacts } from './stated-facts.ts';
import { yamlDocuments } from './yaml-documents.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** `{A: b}` or `["A=b"]`. */
const pairs = z.union([z.record(z.string(), scalar), z.array(z.string())]);

const composeSchema = z.looseObject({
  services: z.record(
    z.string(),
    z
      .looseObject({
        depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).nullish(),
        links: z.array(z.string()).nullish(),
        environment: pairs.nullish(),
        labels: pairs.nullish(),
        build: z.union([z.string(), z.looseObject({ context: z.string().optional() })]).nullish(),
      })
      .nullable(),
  ),
});

/** Order of starting says less than an address does. */
const STARTS_AFTER = 0.7;
const ADDRESSED = 0.9;

/**
 * Services of a Docker Compose file: what each starts after, is linked to, and has addresses of in its environment; what is built from a
 * directory is the code of it. @throws IMPORT_UNREADABLE
 */
export function readCompose(text: string, { workspaceId = null }: { workspaceId?: string | null } = {}): MapStatement {
  const map = new DraftedMap('compose', workspaceId);
  const documents = yamlDocuments('compose', text);
  const [file] = documents;
  if (documents.length !== 1) throw map.fail(`it holds ${documents.length} documents, not one`);
  const { services } = map.checked(composeSchema, file, 'the file');
  const names = new Set(Object.keys(services).map((name) => keyOf(name, map.fail)));
  for (const [source, described] of Object.entries(services)) {
    const { depends_on, links, environment, labels, build } = described ?? {};
    const known = (target: string, how: string) => {
      if (!names.has(target))
        throw map.fail(`services.${source}.${how} names "${target}", which the file does not have`);
      return target;
    };
    // The surest last: of what one file says of two services, that counts.
    for (const target of Array.isArray(depends_on) ? depends_on : Object.keys(depends_on ?? {})) {
      map.lead(source, known(target, 'depends_on'), STARTS_AFTER);
    }
    for (const link of links ?? []) map.lead(source, known(link.split(':')[0] ?? link, 'links'), ADDRESSED);
    for (const value of Object.values(asRecord(environment))) {
      for (const { host, protocol, mode } of namedHosts(String(value ?? ''))) {
        if (names.has(host)) map.lead(source, host, ADDRESSED, { protocol, mode });
      }
    }
    map.add(source, statedFacts(asRecord(labels), map.fail));
    const context = typeof build === 'string' ? build : build?.context;
    for (const pattern of directoryOf(context)) map.own(source, 'path', pattern);
  }
  return map.statement();
}

function asRecord(pairs: Record<string, unknown> | readonly string[] | null | undefined): Record<string, unknown> {
  if (!Array.isArray(pairs)) return { ...pairs };
  return Object.fromEntries(pairs.map((pair) => [pair.split('=')[0], pair.split('=').slice(1).join('=')]));
}

/** All below what is built; none for the whole of the repository, or for what lies elsewhere. */
function directoryOf(context: string | undefined): string[] {
  if (context === undefined || /^[a-z]+:|^git@|\$\{/.test(context)) return [];
  const directory = posix.normalize(context).replace(/\/$/, '');
  return directory === '.' || directory.startsWith('..') || directory.startsWith('/') ? [] : [`${directory}/**`];
}
