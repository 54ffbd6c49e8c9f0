import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFileState } from '../indexers/file-facts.ts';
import { SETUP_FILE, SOURCE_FILE } from '../indexers/typescript/source-file.ts';
import { type IndexerName, indexerOf } from '../indexers/which-indexer.ts';
import { fileStates } from './file-states.ts';
import type { IndexMode } from './index-mode.ts';
import type { IndexedFile } from './indexed-file.ts';
import { NOTHING, type PartPlan } from './part-plan.ts';
import { StructurePlanner } from './structure-planner.ts';
import type { TypedSources } from './typed-sources.ts';

export interface ReadWorkspace extends PartPlan {
  /** Files that were looked at. */
  total: number;
}

type Known = ReadonlyMap<string, IndexedFile>;

/** Who reads what is no code. */
const OTHERS: ReadonlySet<IndexerName | null> = new Set(['packages', 'markdown']);

/** What becomes of one workspace. What reads it is loaded when there is something for it: a compiler, or checks of what packages say. */
export class WorkspaceReader {
  readonly #root: string;
  readonly #structure: StructurePlanner;
  /** By path, as they were looked at last. */
  #states: ReadonlyMap<string, SourceFileState> | null = null;
  #mode: IndexMode = 'types';
  #typed: TypedSources | null = null;

  /** @param root absolute real path */
  constructor(root: string) {
    this.#root = root;
    this.#structure = new StructurePlanner(root);
  }

  /**
   * What became of it since it was indexed last.
   * @param listed its files, relative to it; null: all that there are, but for directories of dependencies and hidden ones
   */
  async read(listed: readonly string[] | null, known: Known, mode: IndexMode = 'types'): Promise<ReadWorkspace> {
    const root = this.#root;
    const stateOf = fileStates(root);
    const states = (listed ?? walk(root, '')).flatMap((path) => stateOf(path) ?? []);
    this.#states = new Map(states.map((state) => [state.path, state]));
    this.#mode = mode;
    if (mode === 'types') return this.#all((await this.#withTypes()).plan(states, ofSources(known)), known);
    this.#typed = null;
    return this.#all(await this.#byStructure(known), known);
  }

  /**
   * The same where nothing but these files changed; null where that takes a look at all of them: files came or went, it is the first, or
   * somebody else has read the workspace since.
   */
  async readEdits(paths: readonly string[], known: Known, mode: IndexMode = 'types'): Promise<ReadWorkspace | null> {
    if (!this.#states || this.#mode !== mode || !isLast(this.#states, known)) return null;
    const stateOf = fileStates(this.#root);
    const states = new Map(this.#states);
    const edited: SourceFileState[] = [];
    for (const path of paths) {
      if (indexerOf(path) === null && !SETUP_FILE.test(path)) continue;
      const [before, now] = [states.get(path), stateOf(path)];
      if (!before && !now) continue;
      if (before?.hash === now?.hash) continue;
      if (!before || !now || SETUP_FILE.test(path)) return null;
      states.set(path, now);
      if (SOURCE_FILE.test(path)) edited.push(now);
    }
    const typed = mode === 'types' ? await this.#withTypes() : null;
    const plan = typed?.planEdits([...states.values()], edited, ofSources(known));
    if (plan === null) return null;
    this.#states = states;
    return this.#all(plan ?? (await this.#byStructure(known)), known, true);
  }

  async #withTypes(): Promise<TypedSources> {
    this.#typed ??= new (await import('./typed-sources.ts')).TypedSources(this.#root);
    return this.#typed;
  }

  async #byStructure(known: Known): Promise<PartPlan> {
    const states = [...(this.#states?.values() ?? [])];
    const { planStructureOfSources } = await import('./structure-sources.ts');
    return planStructureOfSources(this.#root, states, ofSources(known));
  }

  /** With the files that are read without types in any case. @param onlyEdited leave for the next look at all files what merely names the code */
  async #all(sources: PartPlan, known: Known, onlyEdited = false): Promise<ReadWorkspace> {
    const states = [...(this.#states?.values() ?? [])];
    const plain = await this.#structure.plan(states, known);
    const plans = [sources, plain, await this.#others(states, known, onlyEdited)];
    return {
      affected: new Set(plans.flatMap(({ affected }) => [...affected])),
      removed: plans.flatMap(({ removed }) => removed),
      total: states.filter(({ path }) => indexerOf(path) !== null).length,
      facts: function* () {
        for (const { facts } of plans) yield* facts();
      },
    };
  }

  async #others(states: readonly SourceFileState[], known: Known, onlyEdited: boolean): Promise<PartPlan> {
    const isOther = (path: string) => OTHERS.has(indexerOf(path));
    if (!states.some(({ path }) => isOther(path)) && ![...known.keys()].some(isOther)) return NOTHING;
    const { planOthers, readOthers, setupsOfOthers } = await import('./other-files.ts');
    const setups = setupsOfOthers(states);
    const plan = planOthers(states, known, setups, onlyEdited);
    return { ...plan, facts: () => readOthers(this.#root, states, setups, plan.affected) };
  }
}

/** Whether what was indexed is what was seen. */
function isLast(seen: ReadonlyMap<string, SourceFileState>, known: Known): boolean {
  return (
    [...known].every(([path, { hash }]) => indexerOf(path) === null || seen.get(path)?.hash === hash) &&
    [...seen.keys()].every((path) => indexerOf(path) === null || known.has(path))
  );
}

function ofSources(known: Known): Known {
  return new Map([...known].filter(([path]) => SOURCE_FILE.test(path)));
}

/** What became of a workspace, as {@link WorkspaceReader.read} tells it, for whoever asks once. */
export function readWorkspace(
  root: string,
  listed: readonly string[] | null,
  known: Known,
  mode: IndexMode = 'types',
): Promise<ReadWorkspace> {
  return new WorkspaceReader(root).read(listed, known, mode);
}

function walk(root: string, directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : walk(root, path);
  });
}
