import { posix } from 'node:path';
import { z } from 'zod';
import type { FileFacts } from '../file-facts.ts';
import type { FileText } from '../file-indexer.ts';
import { readLockJson } from './lock-json.ts';
import { type LockedPackage, lockedFacts } from './locked-packages.ts';

const rangesSchema = z.record(z.string(), z.string()).optional();
const lockSchema = z.looseObject({
  lockfileVersion: z.union([z.literal(2), z.literal(3)], { error: 'must be 2 or 3, as npm 7 and later write it' }),
  packages: z.record(
    z.string(),
    z.looseObject({
      name: z.string().optional(),
      version: z.string().optional(),
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      link: z.boolean().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      license: z.string().optional().catch(undefined),
      dependencies: rangesSchema,
      optionalDependencies: rangesSchema,
      peerDependencies: rangesSchema,
    }),
  ),
});
const IN_MODULES = 'node_modules/';
/** Longer places were written by nobody's npm; to look for packages from one takes a step for each directory. */
const MOST_KEY = 1_000;

/** What `package-lock.json` of version 2 or 3 settled. @param own ids of the workspace's packages, by name */
export function lockFacts(file: FileText, own: ReadonlyMap<string, string>): FileFacts {
  const read = readLockJson(file.text, lockSchema);
  if ('problem' in read) return { path: file.state.path, entities: [], relationships: [], problems: [read.problem] };
  const entries = new Map(Object.entries(read.lock.packages));
  const links = new Map<string, string>();
  const locked: LockedPackage[] = [];
  for (const [key, one] of entries) {
    const at = key.lastIndexOf(IN_MODULES);
    // What stands elsewhere is the workspace's own, and its manifest tells of it.
    if (at < 0 || key.length > MOST_KEY) continue;
    const named = key.slice(at + IN_MODULES.length);
    const name = one.name ?? named;
    const ownId = one.link ? (own.get(name) ?? own.get(named)) : undefined;
    if (ownId !== undefined) links.set(key, ownId);
    if (one.link || one.version === undefined) continue;
    const dependsOn = Object.keys({ ...one.dependencies, ...one.optionalDependencies, ...one.peerDependencies });
    const { dev, optional, license } = one;
    locked.push({
      key,
      name,
      alias: named,
      version: one.version,
      integrity: one.integrity ?? null,
      isFirst: key === `${IN_MODULES}${named}`,
      facts: JSON.parse(JSON.stringify({ dev, optional, license })),
      dependsOn: dependsOn.flatMap((wanted) => found(entries, key, wanted) ?? []),
    });
  }
  return lockedFacts(file, locked, links);
}

/** Where Node finds a package that one at `from` asks for: in its own directory of modules, or that of a directory above it. */
function found(entries: ReadonlyMap<string, unknown>, from: string, name: string): string | null {
  for (let at = from; ; at = posix.dirname(at)) {
    const key = at === '.' ? `${IN_MODULES}${name}` : `${at}/${IN_MODULES}${name}`;
    if (entries.has(key)) return key;
    if (at === '.') return null;
  }
}
