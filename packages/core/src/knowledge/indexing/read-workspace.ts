import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileFacts, SourceFileState } from '../indexers/file-facts.ts';
import { indexSources, type OpenedSources, openSources } from '../indexers/typescript/index-sources.ts';
import {
  planAtOnce,
  planSources,
  rememberedFiles,
  type SourcePlan,
  setupOf,
} from '../indexers/typescript/plan-sources.ts';
import { SOURCE_FILE } from '../indexers/typescript/source-file.ts';
import type { IndexedFile } from './indexed-file.ts';

export interface ReadWorkspace extends SourcePlan {
  /** Files that were looked at. */
  total: number;
  /** What is to say of those affected, each with what is to be remembered of it. */
  facts: () => Iterable<{ facts: FileFacts; remembered: IndexedFile }>;
}

/**
 * What became of a workspace since it was indexed last.
 *
 * @param root absolute real path
 * @param listed its files, relative to it; null: all that there are, but for directories of dependencies and hidden ones
 */
export function readWorkspace(
  root: string,
  listed: readonly string[] | null,
  known: ReadonlyMap<string, IndexedFile>,
): ReadWorkspace {
  const states = (listed ?? walk(root, '')).flatMap((path) => stateOf(root, path) ?? []);
  const setup = setupOf(states);
  const total = states.filter(({ path }) => SOURCE_FILE.test(path)).length;
  const atOnce = planAtOnce(states, known, setup);
  if (atOnce) return { ...atOnce, total, facts: () => [] };
  const opened = openSources(root, states);
  const now = remember(root, opened, states, setup);
  const plan = planSources(now, known);
  return { ...plan, total, facts: () => told(opened, plan, now) };
}

function* told(
  opened: OpenedSources,
  { affected }: SourcePlan,
  now: ReadonlyMap<string, IndexedFile>,
): Generator<{ facts: FileFacts; remembered: IndexedFile }> {
  for (const facts of indexSources(opened, (path) => affected.has(path))) {
    const remembered = now.get(facts.path);
    if (remembered) yield { facts, remembered };
  }
}

function remember(
  root: string,
  { programs, unread }: OpenedSources,
  states: readonly SourceFileState[],
  setup: string,
): Map<string, IndexedFile> {
  const now = new Map<string, IndexedFile>();
  for (const opened of programs) for (const file of rememberedFiles(root, opened, setup)) now.set(file.path, file);
  const hashes = new Map(states.map(({ path, hash }) => [path, hash]));
  for (const { path } of unread) {
    now.set(path, { path, hash: hashes.get(path) ?? '', shape: '', setup, isGlobal: false, imports: [] });
  }
  return now;
}

/** Null for what is no file, or is gone by now. Symbolic links are not followed: they may lead anywhere. */
function stateOf(root: string, path: string): SourceFileState | null {
  const file = join(root, path);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) return null;
  const isOfInterest = SOURCE_FILE.test(path) || /\.(?:json|yaml|lock)$/.test(path);
  const hash = isOfInterest ? createHash('sha256').update(readFileSync(file)).digest('hex') : '';
  return {
    path,
    hash,
    size: stat.size,
    modifiedAt: stat.mtime.toISOString(),
    createdAt: stat.birthtime.toISOString(),
  };
}

function walk(root: string, directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : walk(root, path);
  });
}
