import { z } from 'zod';
import type { FileFacts } from '../file-facts.ts';
import type { FileText } from '../file-indexer.ts';
import { readLockJson } from './lock-json.ts';
import { type LockedPackage, lockedFacts } from './locked-packages.ts';

const versionsSchema = z.record(z.string(), z.string()).optional();
const aboutSchema = z.looseObject({
  dependencies: versionsSchema,
  optionalDependencies: versionsSchema,
  peerDependencies: versionsSchema,
});
const lockSchema = z.looseObject({
  lockfileVersion: z.union([z.literal(0), z.literal(1)]),
  packages: z.record(z.string(), z.tuple([z.string()], z.unknown())).default({}),
});
/** Longer places were written by nobody's bun; to look for packages from one takes a step for each directory. */
const MOST_KEY = 1_000;

/** What `bun.lock` settled. @param own ids of the workspace's packages, by name */
export function bunLockFacts(file: FileText, own: ReadonlyMap<string, string>): FileFacts {
  const read = readLockJson(withoutLastCommas(file.text), lockSchema);
  if ('problem' in read) return { path: file.state.path, entities: [], relationships: [], problems: [read.problem] };
  const entries = new Map(Object.entries(read.lock.packages));
  const links = new Map<string, string>();
  const locked: LockedPackage[] = [];
  for (const [key, [settled, ...more]] of entries) {
    const { name, version } = /^(?<name>@?[^@]+)@(?<version>.+)$/s.exec(settled)?.groups ?? {};
    if (name === undefined || version === undefined || key.length > MOST_KEY) continue;
    const ownId = own.get(name);
    if (version.startsWith('workspace:')) {
      if (ownId !== undefined) links.set(key, ownId);
      continue;
    }
    const about = aboutSchema.safeParse(more.find((one) => typeof one === 'object' && one !== null)).data ?? {};
    const wanted = { ...about.peerDependencies, ...about.optionalDependencies, ...about.dependencies };
    const alias = /(?:@[^/]+\/)?[^/]+$/.exec(key)?.[0] ?? name;
    const integrity = more.at(-1);
    locked.push({
      ...{ key, name, alias, version, isFirst: alias === key, facts: {} },
      integrity: typeof integrity === 'string' ? integrity : null,
      dependsOn: Object.keys(wanted).flatMap((one) => found(entries, key, one) ?? []),
    });
  }
  return lockedFacts(file, locked, links);
}

/** As Node finds it: below the package that asks, else below the one that has that. */
function found(entries: ReadonlyMap<string, unknown>, from: string, name: string): string | null {
  for (let at = from; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    if (entries.has(`${at}/${name}`)) return `${at}/${name}`;
  }
  return entries.has(name) ? name : null;
}

/** Bun writes a comma behind the last of several, which JSON does not have. */
function withoutLastCommas(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])/g, (part) => (part === ',' ? '' : part));
}
