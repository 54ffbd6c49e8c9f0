import { parse } from 'yaml';
import { z } from 'zod';
import type { FileFacts } from '../file-facts.ts';
import type { FileText } from '../file-indexer.ts';
import { type LockedPackage, lockedFacts } from './locked-packages.ts';

const settledSchema = z.record(z.string(), z.looseObject({ version: z.string() })).optional();
const versionsSchema = z.record(z.string(), z.string()).optional();
const lockSchema = z.looseObject({
  lockfileVersion: z
    .union([z.string(), z.number()])
    .refine((version) => String(version).startsWith('9'), 'must be 9, as pnpm 9 and later write it'),
  importers: z
    .record(
      z.string(),
      z.looseObject({
        dependencies: settledSchema,
        devDependencies: settledSchema,
        optionalDependencies: settledSchema,
      }),
    )
    .default({}),
  packages: z
    .record(z.string(), z.looseObject({ resolution: z.looseObject({ integrity: z.string().optional() }).optional() }))
    .default({}),
  snapshots: z
    .record(
      z.string(),
      z
        .looseObject({
          dependencies: versionsSchema,
          optionalDependencies: versionsSchema,
          optional: z.boolean().optional(),
        })
        .nullable(),
    )
    .default({}),
});

/** What `pnpm-lock.yaml` of version 9 settled. @param own ids of the workspace's packages, by name */
export function pnpmLockFacts(file: FileText, own: ReadonlyMap<string, string>): FileFacts {
  let yaml: unknown;
  try {
    // To look for keys that stand twice takes time in the square of their number; of two the later one counts.
    yaml = parse(file.text, { maxAliasCount: 100, logLevel: 'silent', uniqueKeys: false });
  } catch (error) {
    return {
      path: file.state.path,
      entities: [],
      relationships: [],
      problems: [`is no YAML: ${(error as Error).message.split('\n')[0]}`],
    };
  }
  const parsed = lockSchema.safeParse(yaml);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const problem = `${issue?.path.join('.') || 'the lock file'}: ${issue?.message}`;
    return { path: file.state.path, entities: [], relationships: [], problems: [problem] };
  }
  const { importers, packages, snapshots } = parsed.data;
  // What the repository's own packages ask for is what its code gets by the name.
  const asked = new Map(
    Object.values(importers).flatMap(({ dependencies, devDependencies, optionalDependencies }) =>
      Object.entries({ ...devDependencies, ...optionalDependencies, ...dependencies }).map(
        ([name, { version }]): [string, string] => [keyOf(name, version), name],
      ),
    ),
  );
  const settledBy = new Map<string, NonNullable<(typeof snapshots)[string]>[]>();
  for (const [snapshot, one] of Object.entries(snapshots)) {
    const key = bare(snapshot);
    const same = settledBy.get(key);
    if (one && same) same.push(one);
    else if (one) settledBy.set(key, [one]);
  }
  const first = new Set<string>();
  const locked = Object.entries(packages).flatMap(([key, { resolution }]): LockedPackage[] => {
    const { name, version } = /^(?<name>@?[^@]+)@(?<version>.+)$/.exec(key)?.groups ?? {};
    if (name === undefined || version === undefined || own.has(name)) return [];
    const alias = asked.get(key) ?? name;
    const isFirst = asked.has(key) && !first.has(alias);
    if (isFirst) first.add(alias);
    const settled = settledBy.get(key) ?? [];
    const dependsOn = settled.flatMap(({ dependencies, optionalDependencies }) =>
      Object.entries({ ...optionalDependencies, ...dependencies }).map(([other, at]) => keyOf(other, at)),
    );
    const facts = settled.some(({ optional }) => optional) ? { optional: true } : {};
    return [
      {
        key,
        name,
        alias,
        version,
        integrity: resolution?.integrity ?? null,
        isFirst,
        facts,
        dependsOn: [...new Set(dependsOn)],
      },
    ];
  });
  return lockedFacts(file, locked, new Map());
}

/** An alias is settled by another name: `b` as `a@1.0.0`. */
function keyOf(name: string, version: string): string {
  return /^@?[^@(]+@/.test(version) ? bare(version) : bare(`${name}@${version}`);
}

/** Without the peers that it was settled with: `a@1.0.0(b@2.0.0)`. */
function bare(key: string): string {
  return key.replace(/\(.*$/s, '');
}
