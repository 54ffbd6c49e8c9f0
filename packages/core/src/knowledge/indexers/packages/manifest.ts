import { posix } from 'node:path';
import { z } from 'zod';
import type { RawEdge } from '../../edges/raw-edge.ts';
import { nestsTooDeep } from '../../imports/report-source.ts';
import type { FileFacts } from '../file-facts.ts';
import type { FileText } from '../file-indexer.ts';
import { packageId } from './package-id.ts';

const rangesSchema = z.record(z.string().min(1).max(300), z.string()).optional();
const manifestSchema = z.looseObject({
  name: z.string().min(1).max(300).optional(),
  version: z.string().optional(),
  main: z.string().optional(),
  module: z.string().optional(),
  exports: z.unknown().optional(),
  bin: z.unknown().optional(),
  dependencies: rangesSchema,
  devDependencies: rangesSchema,
  peerDependencies: rangesSchema,
  optionalDependencies: rangesSchema,
});

/** A later one counts where a package is named under several. */
const KINDS = [
  ['devDependencies', 'development'],
  ['peerDependencies', 'peer'],
  ['dependencies', 'runtime'],
  ['optionalDependencies', 'optional'],
] as const;

export type Manifest = z.infer<typeof manifestSchema> & { id: string };

/** A package of the workspace, by its directory. */
function moduleId(path: string): string {
  return `module:${posix.dirname(path)}`;
}

/** Or why it cannot be read. */
export function readManifest({ state, text }: FileText): Manifest | string {
  if (nestsTooDeep(text)) return 'nests too deep';
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(text));
    if (parsed.success) return { ...parsed.data, id: moduleId(state.path) };
    const [issue] = parsed.error.issues;
    return `${issue?.path.join('.') || 'the manifest'}: ${issue?.message}`;
  } catch (error) {
    return `is no JSON: ${(error as Error).message}`;
  }
}

/** @param own ids of the workspace's packages, by name */
export function manifestFacts(file: FileText, manifest: Manifest, own: ReadonlyMap<string, string>): FileFacts {
  const { path, hash, modifiedAt: lastModified, createdAt: created } = file.state;
  const { id, name, version } = manifest;
  const entity = {
    ...{ id, type: 'module', path: posix.dirname(path), hash, language: 'json', lastModified, created },
    name: name ?? posix.basename(posix.dirname(posix.resolve('/repository', path))),
    version: version ?? '',
    packageJson: described(manifest),
    entryPoint: entryOf(manifest),
  };
  return { path, entities: [entity], relationships: dependenciesOf(file, manifest, own), problems: [] };
}

function described({ id: _id, ...manifest }: Manifest): unknown {
  const told = ['name', 'version', 'type', 'license', 'engines', 'exports', 'bin', 'workspaces', 'private'];
  const kept = Object.fromEntries(Object.entries(manifest).filter(([field]) => told.includes(field)));
  return JSON.stringify(kept).length <= 20_000
    ? kept
    : { name: manifest.name ?? null, version: manifest.version ?? null };
}

function entryOf({ exports, module, main, bin }: Manifest): string {
  const found = [exports, module, main, bin].map(firstPath).find((one) => one !== null);
  return found ?? '';
}

/** The first path of nested conditions. */
function firstPath(value: unknown, depth = 0): string | null {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || depth > 5) return null;
  const record = value as Record<string, unknown>;
  for (const one of [record['.'], record.source, record.import, record.default, ...Object.values(record)]) {
    const path = firstPath(one, depth + 1);
    if (path !== null) return path;
  }
  return null;
}

function dependenciesOf({ state, text }: FileText, manifest: Manifest, own: ReadonlyMap<string, string>): RawEdge[] {
  const found = new Map<string, { range: string; dependencyKind: string }>();
  for (const [field, dependencyKind] of KINDS) {
    for (const [name, range] of Object.entries(manifest[field] ?? {})) found.set(name, { range, dependencyKind });
  }
  const lines = linesOfKeys(text);
  return [...found].map(([name, { range, dependencyKind }]) => {
    const line = lines.get(JSON.stringify(name));
    return {
      type: 'DEPENDS_ON',
      fromEntityId: manifest.id,
      toEntityId: own.get(name) ?? packageId(name),
      source: 'index',
      confidence: 1,
      resolved: true,
      scope: own.has(name) ? 'imported' : 'external',
      ...(line ? { location: { path: state.path, line } } : {}),
      metadata: { range, dependencyKind },
    };
  });
}

/** Where each key of JSON stands last, by its text in quotes: names of packages are no other keys of a manifest as a rule. */
function linesOfKeys(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const [n, line] of text.split('\n').entries()) {
    for (const [, key = ''] of line.matchAll(/("(?:[^"\\]|\\.)*")\s*:/g)) found.set(key, n + 1);
  }
  return found;
}
