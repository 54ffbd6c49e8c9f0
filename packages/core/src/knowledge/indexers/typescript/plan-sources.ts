import { createHash } from 'node:crypto';
import ts from 'typescript';
import type { IndexedFile } from '../../indexing/indexed-file.ts';
import type { SourceFileState } from '../file-facts.ts';
import type { OpenProgram } from './open-program.ts';
import { shapeOf } from './shape-of.ts';
import { SETUP_FILE, SOURCE_FILE } from './source-file.ts';

/** Rises with each change of what the indexer says of the same source. */
const INDEXER_VERSION = 3;

/** A digest of everything besides the sources that what they mean depends on. */
export function setupOf(listed: readonly SourceFileState[]): string {
  const hash = createHash('sha256').update(`${INDEXER_VERSION}\0${ts.version}`);
  for (const { path, hash: content } of listed) if (SETUP_FILE.test(path)) hash.update(`\0${path}\0${content}`);
  return hash.digest('hex');
}

export interface SourcePlan {
  /** Files that are to be indexed. */
  affected: ReadonlySet<string>;
  /** Those of them that are not what they were, or are new: somebody waits for them. */
  changed: ReadonlySet<string>;
  /** Files that are no more. */
  removed: string[];
}

/** What is to be done at a first look: null where files changed, so that only reading them tells what that means to others. */
export function planAtOnce(
  listed: readonly SourceFileState[],
  known: ReadonlyMap<string, IndexedFile>,
  setup: string,
): SourcePlan | null {
  const sources = listed.filter(({ path }) => SOURCE_FILE.test(path));
  const same = sources.every(({ path, hash }) => {
    const before = known.get(path);
    return before?.hash === hash && before.setup === setup;
  });
  return same && sources.length === known.size ? { affected: new Set(), changed: new Set(), removed: [] } : null;
}

/**
 * Which files say something else now: those that changed, those whose imports lead elsewhere, all that import one of whose shape
 * changed, and all that import one of those that pass on what they import. All, where the configuration did, or a file that counts everywhere.
 *
 * @param passesOn whether of the second file something can be seen through the first one, which imports it
 */
export function planSources(
  now: ReadonlyMap<string, IndexedFile>,
  known: ReadonlyMap<string, IndexedFile>,
  passesOn: (path: string, imported: string) => boolean,
): SourcePlan {
  const removed = [...known.keys()].filter((path) => !now.has(path));
  const changed = [...now.values()].filter((file) => !isSame(file, known.get(file.path)));
  const everywhere =
    removed.some((path) => known.get(path)?.isGlobal) ||
    changed.some(({ path, isGlobal }) => isGlobal || known.get(path)?.isGlobal);
  const paths = new Set(changed.map(({ path }) => path));
  if (everywhere) return { affected: new Set(now.keys()), changed: paths, removed };
  const importers = new Map<string, string[]>();
  for (const { path, imports } of now.values()) {
    for (const imported of imports) {
      const same = importers.get(imported);
      if (same) same.push(path);
      else importers.set(imported, [path]);
    }
  }
  const affected = new Set(paths);
  const visible = changed.filter(({ path, shape, setup }) => {
    const before = known.get(path);
    return before?.shape !== shape || before.setup !== setup;
  });
  const queue = [
    ...visible.map(({ path }) => path),
    ...changed.filter((one) => leadElsewhere(one, known)).map((one) => one.path),
  ];
  const seen = new Set(queue);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    for (const importer of importers.get(path) ?? []) {
      affected.add(importer);
      if (seen.has(importer) || !passesOn(importer, path)) continue;
      seen.add(importer);
      queue.push(importer);
    }
  }
  return { affected, changed: paths, removed };
}

function isSame(file: IndexedFile, before: IndexedFile | undefined): boolean {
  return (
    before?.hash === file.hash && before.setup === file.setup && !leadElsewhere(file, new Map([[file.path, before]]))
  );
}

/** Whether its imports lead elsewhere, and with them the types of what it gives to others. */
function leadElsewhere({ path, imports }: IndexedFile, known: ReadonlyMap<string, IndexedFile>): boolean {
  const before = known.get(path);
  return before !== undefined && before.imports.join('\0') !== imports.join('\0');
}

/** Of a file as it was parsed: shapes of files that stay are not made again. */
const seen = new WeakMap<ts.SourceFile, Pick<IndexedFile, 'shape' | 'isGlobal'>>();

function seenOf(file: ts.SourceFile): Pick<IndexedFile, 'shape' | 'isGlobal'> {
  const known = seen.get(file) ?? { shape: shapeOf(file), isGlobal: isGlobal(file) };
  seen.set(file, known);
  return known;
}

/** What is to be remembered of the files of a program. */
export function* rememberedFiles(root: string, opened: OpenProgram, setup: string): Generator<IndexedFile> {
  const inside = `${root}/`;
  for (const { file, state } of opened.files) {
    const resolved = opened.resolved.get(file.fileName) ?? new Map<string, string | null>();
    const imports = [...resolved].map(([text, target]) => {
      if (target === null) return `?${text}`;
      return target.startsWith(inside) ? target.slice(inside.length) : target;
    });
    yield {
      path: state.path,
      hash: state.hash,
      setup,
      ...seenOf(file),
      imports: [...new Set(imports)].sort(),
    };
  }
}

/** A script, or a module that adds to what there is everywhere. */
function isGlobal(file: ts.SourceFile): boolean {
  if ((file.flags & ts.NodeFlags.JavaScriptFile) !== 0 && /\b(?:exports|require)\b/.test(file.text)) return false;
  if (!ts.isExternalModule(file)) return true;
  return file.statements.some(
    (one) => ts.isModuleDeclaration(one) && (ts.isStringLiteral(one.name) || one.name.text === 'global'),
  );
}
