import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFileState } from '../indexers/file-facts.ts';
import { indexSources, type OpenedSources, openSources, reopenSources } from '../indexers/typescript/index-sources.ts';
import { passing } from '../indexers/typescript/passed-on.ts';
import {
  planAtOnce,
  planSources,
  rememberedFiles,
  SETUP_FILE,
  type SourcePlan,
  setupOf,
} from '../indexers/typescript/plan-sources.ts';
import { SourceCache } from '../indexers/typescript/source-cache.ts';
import { SOURCE_FILE } from '../indexers/typescript/source-file.ts';
import { whyUnread } from '../indexers/typescript/unread-source.ts';
import { indexerOf } from '../indexers/which-indexer.ts';
import { fileStates } from './file-states.ts';
import type { ToldFile } from './index-protocol.ts';
import type { IndexedFile } from './indexed-file.ts';
import { planOthers, readOthers, setupsOfOthers } from './other-files.ts';
import { StructurePlanner } from './structure-planner.ts';

export interface ReadWorkspace extends Pick<SourcePlan, 'affected' | 'removed'> {
  /** Files that were looked at. */
  total: number;
  /** What is to say of those affected, each with what is to be remembered of it. */
  facts: () => Iterable<ToldFile>;
}

type Plan = Omit<ReadWorkspace, 'total'>;
type Known = ReadonlyMap<string, IndexedFile>;

const NOTHING: Plan = { affected: new Set(), removed: [], facts: () => [] };

/** What becomes of one workspace. It remembers what it parsed, so that an edit is read at once. */
export class WorkspaceReader {
  readonly #root: string;
  readonly #cache = new SourceCache();
  readonly #structure: StructurePlanner;
  /** By path, as they were looked at last. */
  #states: ReadonlyMap<string, SourceFileState> = new Map();
  #opened: OpenedSources | null = null;

  /** @param root absolute real path */
  constructor(root: string) {
    this.#root = root;
    this.#structure = new StructurePlanner(root);
  }

  /**
   * What became of it since it was indexed last.
   * @param listed its files, relative to it; null: all that there are, but for directories of dependencies and hidden ones
   */
  async read(listed: readonly string[] | null, known: Known): Promise<ReadWorkspace> {
    const root = this.#root;
    const stateOf = fileStates(root);
    const states = (listed ?? walk(root, '')).flatMap((path) => stateOf(path) ?? []);
    this.#states = new Map(states.map((state) => [state.path, state]));
    this.#opened = null;
    const typed = typedOf(known);
    const isSame = planAtOnce(states, typed, setupOf(states)) !== null;
    return this.#all(isSame ? NOTHING : this.#plan(openSources(root, states, this.#cache), typed), known);
  }

  /**
   * The same where nothing but these files changed; null where that takes a look at all of them: files came or went, it is the first, or
   * somebody else has read the workspace since.
   */
  async readEdits(paths: readonly string[], known: Known): Promise<ReadWorkspace | null> {
    if (!this.#opened || !this.#isLast(known)) return null;
    const stateOf = fileStates(this.#root);
    const states = new Map(this.#states);
    const edited = new Map<string, SourceFileState>();
    for (const path of paths) {
      const isTyped = SOURCE_FILE.test(path);
      if (indexerOf(path) === null && !SETUP_FILE.test(path)) continue;
      const [before, now] = [states.get(path), stateOf(path)];
      if (!before && !now) continue;
      if (before?.hash === now?.hash) continue;
      if (!before || !now || SETUP_FILE.test(path) || (isTyped && this.#isUnread(now))) return null;
      states.set(path, now);
      if (isTyped) edited.set(`${this.#root}/${path}`, now);
    }
    this.#states = states;
    const opened = edited.size === 0 ? this.#opened : reopenSources(this.#opened, edited, this.#cache);
    return this.#all(this.#plan(opened, typedOf(known)), known, true);
  }

  /** With the files that are read without types. @param onlyEdited leave for the next look at all files what merely names the code */
  async #all(typed: Plan, known: Known, onlyEdited = false): Promise<ReadWorkspace> {
    const states = [...this.#states.values()];
    const plain = await this.#structure.plan(states, known);
    const setups = setupsOfOthers(states);
    const others = planOthers(states, known, setups, onlyEdited);
    const plans = [typed, plain, { ...others, facts: () => readOthers(this.#root, states, setups, others.affected) }];
    return {
      affected: new Set(plans.flatMap(({ affected }) => [...affected])),
      removed: plans.flatMap(({ removed }) => removed),
      total: states.filter(({ path }) => indexerOf(path) !== null).length,
      facts: function* () {
        for (const { facts } of plans) yield* facts();
      },
    };
  }

  #plan(opened: OpenedSources, known: Known): Plan {
    this.#opened = opened;
    const states = [...this.#states.values()];
    const now = remember(this.#root, opened, states, setupOf(states));
    const plan = planSources(now, known, passing(this.#root, opened.programs));
    return { ...plan, facts: () => told(opened, plan, now) };
  }

  /** Whether what was indexed is what this reader saw. */
  #isLast(known: Known): boolean {
    const isSeen = ([path, { hash }]: [string, IndexedFile]) => this.#states.get(path)?.hash === hash;
    return (
      [...known].every((one) => indexerOf(one[0]) === null || isSeen(one)) &&
      [...this.#states.keys()].every((path) => indexerOf(path) === null || known.has(path))
    );
  }

  #isUnread(state: SourceFileState): boolean {
    return (
      (this.#opened?.unread.some(({ path }) => path === state.path) ?? false) || whyUnread(this.#root, state) !== null
    );
  }
}

function typedOf(known: Known): Known {
  return new Map([...known].filter(([path]) => SOURCE_FILE.test(path)));
}

/** What became of a workspace, as {@link WorkspaceReader.read} tells it, for whoever asks once. */
export function readWorkspace(root: string, listed: readonly string[] | null, known: Known): Promise<ReadWorkspace> {
  return new WorkspaceReader(root).read(listed, known);
}

/** What changed comes first, then what follows from that. */
function* told(
  opened: OpenedSources,
  { affected, changed }: SourcePlan,
  now: ReadonlyMap<string, IndexedFile>,
): Generator<ToldFile> {
  for (const isFirst of [true, false]) {
    for (const facts of indexSources(opened, (path) => affected.has(path) && changed.has(path) === isFirst)) {
      const remembered = now.get(facts.path);
      if (remembered) yield { indexer: 'typescript', facts, remembered };
    }
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

function walk(root: string, directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : walk(root, path);
  });
}
