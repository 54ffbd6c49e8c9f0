import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { storableJson } from '../../platform/json/storable-json.ts';
import { type FileFacts, type SourceFileState, UNREADABLE } from '../indexers/file-facts.ts';
import type { FileIndexer, FileText } from '../indexers/file-indexer.ts';
import { markdown } from '../indexers/markdown/markdown.ts';
import { packages } from '../indexers/packages/packages.ts';
import { type IndexerName, indexerOf } from '../indexers/which-indexer.ts';
import { ingestSchema, readBatch } from '../ingest/batch.ts';
import type { ToldFile } from './index-protocol.ts';
import type { IndexedFile } from './indexed-file.ts';
import { isSourcePath } from './source-path.ts';

/** In this order: what comes later may lead to what came before. */
const INDEXERS: [IndexerName, FileIndexer][] = [
  ['packages', packages],
  ['markdown', markdown],
];
/** Larger files were written by programs. */
const MOST_BYTES = 16 * 1024 * 1024;

/** What else the meaning of an indexer's files depends on, by its name. */
export type OtherSetups = ReadonlyMap<IndexerName, string>;

export function setupsOfOthers(states: readonly SourceFileState[]): OtherSetups {
  const code = createHash('sha256');
  for (const { path, hash } of states) code.update(`\0${path}\0${isSourcePath(path) ? hash : ''}`);
  const seen = code.digest('hex');
  return new Map(
    INDEXERS.map(([name, { version, seesCode }]) => {
      const hash = createHash('sha256').update(`${version}\0${seesCode ? seen : ''}`);
      return [name, hash.digest('hex')];
    }),
  );
}

/** Which of the files that are no sources say something else now. @param onlyEdited of those that only name the code: if they were edited */
export function planOthers(
  states: readonly SourceFileState[],
  known: ReadonlyMap<string, IndexedFile>,
  setups: OtherSetups,
  onlyEdited: boolean,
): { affected: Set<string>; removed: string[] } {
  const affected = new Set<string>();
  const removed: string[] = [];
  for (const [name, { isWhole, seesCode }] of INDEXERS) {
    const own = states.filter(({ path }) => indexerOf(path) === name);
    const paths = new Set(own.map(({ path }) => path));
    const gone = [...known.keys()].filter((path) => indexerOf(path) === name && !paths.has(path));
    removed.push(...gone);
    const changed = own.filter(({ path, hash }) => {
      const before = known.get(path);
      return before?.hash !== hash || (before.setup !== setups.get(name) && !(seesCode && onlyEdited));
    });
    for (const { path } of isWhole && changed.length + gone.length > 0 ? own : changed) affected.add(path);
  }
  return { affected, removed };
}

/** What there is to say of those affected. */
export function* readOthers(
  root: string,
  states: readonly SourceFileState[],
  setups: OtherSetups,
  affected: ReadonlySet<string>,
): Generator<ToldFile> {
  const paths = new Set(states.map(({ path }) => path));
  for (const [name, indexer] of INDEXERS) {
    const setup = setups.get(name) ?? '';
    const own = states.filter(({ path }) => indexerOf(path) === name && affected.has(path));
    const hashes = new Map(own.map(({ path, hash }) => [path, hash]));
    const told = (read: FileFacts): ToldFile => {
      const facts = acceptable(read);
      const { path } = facts;
      const remembered = { path, hash: hashes.get(path) ?? '', shape: '', setup, isGlobal: false, imports: [] };
      return { indexer: name, facts, remembered };
    };
    const readable: SourceFileState[] = [];
    for (const state of own) {
      const why = whyUnread(state);
      if (why === null) readable.push(state);
      else yield told({ path: state.path, entities: [], relationships: [], problems: [why] });
    }
    // Those that are read by themselves are not all held at once.
    const groups = indexer.isWhole ? [readable] : readable.map((one) => [one]);
    for (const group of groups) {
      const texts = group.map((state) => textOf(root, state));
      for (const facts of indexer.index(texts, { paths })) yield told(facts);
    }
  }
}

/** As the graph takes it. Where it would refuse a file, whatever its author had in mind, the others are read all the same. */
function acceptable(facts: FileFacts): FileFacts {
  const storable = storableJson(facts);
  const { path, entities, relationships, problems } = storable;
  try {
    readBatch(parseInput(ingestSchema, { units: [{ unit: 'file', entities, relationships }] }));
    return storable;
  } catch (error) {
    if (!SignalboxError.is(error, 'VALIDATION_FAILED')) throw error;
    return {
      path,
      entities: [],
      relationships: [],
      problems: [...problems, `says what the graph refuses: ${error.message}`],
    };
  }
}

function whyUnread({ hash, size }: SourceFileState): string | null {
  if (hash === UNREADABLE) return 'cannot be read';
  return size > MOST_BYTES ? `has ${size} bytes, and was not read` : null;
}

function textOf(root: string, state: SourceFileState): FileText {
  return { state, text: new TextDecoder().decode(readFileSync(join(root, state.path))) };
}
