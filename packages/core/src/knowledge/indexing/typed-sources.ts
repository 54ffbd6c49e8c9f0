import type { SourceFileState } from '../indexers/file-facts.ts';
import { indexSources, type OpenedSources, openSources, reopenSources } from '../indexers/typescript/index-sources.ts';
import { passing } from '../indexers/typescript/passed-on.ts';
import {
  planAtOnce,
  planSources,
  rememberedFiles,
  type SourcePlan,
  setupOf,
} from '../indexers/typescript/plan-sources.ts';
import { SourceCache } from '../indexers/typescript/source-cache.ts';
import { whyUnread } from '../indexers/typescript/unread-source.ts';
import type { ToldFile } from './index-protocol.ts';
import type { IndexedFile } from './indexed-file.ts';
import { NOTHING, type PartPlan } from './part-plan.ts';

type Known = ReadonlyMap<string, IndexedFile>;

/** TypeScript and JavaScript of one workspace, with types. It remembers what it parsed, so that an edit is read at once. */
export class TypedSources {
  readonly #root: string;
  readonly #cache = new SourceCache();
  #opened: OpenedSources | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  /** @param states of all files @param known of sources */
  plan(states: readonly SourceFileState[], known: Known): PartPlan {
    this.#opened = null;
    const isSame = planAtOnce(states, known, setupOf(states)) !== null;
    return isSame ? NOTHING : this.#plan(openSources(this.#root, states, this.#cache), states, known);
  }

  /**
   * The same where nothing but these sources changed; null where that takes a look at all of them.
   * @param states of all files, as they are now
   */
  planEdits(states: readonly SourceFileState[], edited: readonly SourceFileState[], known: Known): PartPlan | null {
    const opened = this.#opened;
    if (!opened || edited.some((state) => this.#isUnread(opened, state))) return null;
    const byName = new Map(edited.map((state) => [`${this.#root}/${state.path}`, state]));
    return this.#plan(edited.length === 0 ? opened : reopenSources(opened, byName, this.#cache), states, known);
  }

  #plan(opened: OpenedSources, states: readonly SourceFileState[], known: Known): PartPlan {
    this.#opened = opened;
    const now = remember(this.#root, opened, states, setupOf(states));
    const plan = planSources(now, known, passing(this.#root, opened.programs));
    return { ...plan, facts: () => told(opened, plan, now) };
  }

  #isUnread({ unread }: OpenedSources, state: SourceFileState): boolean {
    return unread.some(({ path }) => path === state.path) || whyUnread(this.#root, state) !== null;
  }
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
