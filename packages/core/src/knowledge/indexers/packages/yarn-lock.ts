import { parse } from 'yaml';
import { z } from 'zod';
import type { FileFacts } from '../file-facts.ts';
import type { FileText } from '../file-indexer.ts';
import { type LockedPackage, lockedFacts } from './locked-packages.ts';
import { readYarnClassic, type YarnEntry } from './read-yarn-classic.ts';

const versionsSchema = z.record(z.string(), z.string()).default({});
const entrySchema = z.looseObject({
  version: z.union([z.string(), z.number()]).transform(String),
  resolution: z.string(),
  checksum: z.string().optional(),
  dependencies: versionsSchema,
  optionalDependencies: versionsSchema,
});
const lockSchema = z.record(z.string(), entrySchema);

/**
 * What `yarn.lock` settled, of yarn 1 and of later ones.
 * @param own ids of the workspace's packages, by name
 * @param asked what these ask for, such as `lodash@^4.0.0`: the version that code gets by the name
 */
export function yarnLockFacts(file: FileText, own: ReadonlyMap<string, string>, asked: ReadonlySet<string>): FileFacts {
  const entries = /^__metadata:/m.test(file.text) ? readYarn(file.text) : readYarnClassic(file.text);
  if (typeof entries === 'string') {
    return { path: file.state.path, entities: [], relationships: [], problems: [entries] };
  }
  const keys = new Map(entries.flatMap((entry) => entry.asked.map((one): [string, YarnEntry] => [one, entry])));
  const versions = Map.groupBy(entries, ({ asked: [first = ''] }) => named(first).name);
  const links = new Map<string, string>();
  const first = new Set<string>();
  const locked = entries.flatMap((entry): LockedPackage[] => {
    const { version, integrity, dependencies, resolution } = entry;
    const [key = ''] = entry.asked;
    const { name: alias, range } = named(key);
    const ownId = resolution?.includes('@workspace:') ? own.get(alias) : undefined;
    if (ownId !== undefined) links.set(key, ownId);
    if (resolution?.includes('@workspace:')) return [];
    const isAsked = entry.asked.some((one) => asked.has(one) || asked.has(one.replace('@npm:', '@')));
    const isFirst = !first.has(alias) && (isAsked || versions.get(alias)?.length === 1);
    if (isFirst) first.add(alias);
    const real = named(resolution ?? (/^npm:@?[^@]+@/.test(range) ? range.slice(4) : key)).name;
    const dependsOn = Object.entries(dependencies).flatMap(([name, wanted]) => {
      const found = keys.get(`${name}@${wanted}`) ?? keys.get(`${name}@npm:${wanted}`);
      return found?.asked[0] ?? [];
    });
    return [{ key, name: real, alias, version, integrity, isFirst, facts: {}, dependsOn: [...new Set(dependsOn)] }];
  });
  return lockedFacts(file, locked, links);
}

/** Yarn 2 and later write YAML. */
function readYarn(text: string): YarnEntry[] | string {
  let yaml: unknown;
  try {
    // To look for keys that stand twice takes time in the square of their number; of two the later one counts.
    yaml = parse(text, { maxAliasCount: 100, logLevel: 'silent', uniqueKeys: false });
  } catch (error) {
    return `is no YAML: ${(error as Error).message.split('\n')[0]}`;
  }
  const { __metadata: _about, ...entries } = (yaml ?? {}) as Record<string, unknown>;
  const parsed = lockSchema.safeParse(entries);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${issue?.path.join('.') || 'the lock file'}: ${issue?.message}`;
  }
  return Object.entries(parsed.data).map(([asked, one]) => ({
    asked: asked.split(', '),
    version: one.version,
    resolution: one.resolution,
    integrity: one.checksum ?? null,
    dependencies: { ...one.optionalDependencies, ...one.dependencies },
  }));
}

function named(descriptor: string): { name: string; range: string } {
  const at = descriptor.indexOf('@', 1);
  return at < 0 ? { name: descriptor, range: '' } : { name: descriptor.slice(0, at), range: descriptor.slice(at + 1) };
}
