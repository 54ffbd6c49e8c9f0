import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileState } from '../undo.ts';
import { type ConflictGroup, type ConflictKind, groupConflicts } from './conflict-groups.ts';
import { isExact } from './exact-step.ts';
import { isText, mergeContents } from './merge-file.ts';
import { ObjectReader } from './object-reader.ts';
import { ScratchStore } from './scratch-store.ts';
import { TreeCache } from './tree-cache.ts';
import { TreeMerger } from './tree-merger.ts';
import type { UndoStep } from './undo-step.ts';
import { VirtualTree } from './virtual-tree.ts';

export interface PlacedFile extends FileState {
  path: string;
}

/** A step that met something newer than itself. */
export interface StepConflict {
  kind: ConflictKind;
  path: string;
  paths: string[];
  position: number;
  changeIds: string[];
  base: PlacedFile | null;
  ours: PlacedFile | null;
  theirs: PlacedFile | null;
  /** Git's merge with markers, where there is one. */
  merged: string | null;
}

/** `null` leaves it open: the path stays as it is in this step, so that what comes after can be seen, too. */
export type StepAnswer = { answer: 'ours' | 'theirs' | 'skip' } | { answer: 'merge'; text: string } | null;

export interface Composed {
  tree: string;
  conflicts: (StepConflict & { answer: StepAnswer })[];
}

export interface ComposeOptions {
  answer: (conflict: StepConflict) => StepAnswer | Promise<StepAnswer>;
  /** False: git's merge is asked for each step. */
  exact?: boolean;
  signal?: AbortSignal;
}

/** Undoes steps on a virtual tree, newest first (design.md §6), over the private store of a workspace. */
export class Composition {
  readonly store: ScratchStore;
  readonly cache: TreeCache;
  readonly #reader: ObjectReader;
  readonly #merger: TreeMerger;
  #attributesOf: string | null = null;

  private constructor(store: ScratchStore, batch: boolean) {
    this.store = store;
    this.#reader = new ObjectReader(store.call);
    this.cache = new TreeCache(this.#reader, store);
    this.#merger = new TreeMerger(store, { batch });
  }

  /** @param gitDir the private store; nothing is written to it before {@link ScratchStore.keep}. */
  static async open(gitDir: string, options: { batch?: boolean } = {}): Promise<Composition> {
    return new Composition(await ScratchStore.open(gitDir), options.batch ?? true);
  }

  async close(): Promise<void> {
    this.#reader.close();
    await this.#merger.close();
    await this.store.close();
  }

  read(oid: string): Promise<Buffer> {
    return this.#reader.read(oid);
  }

  /** @param steps newest first. */
  async undo(current: string, steps: readonly UndoStep[], options: ComposeOptions): Promise<Composed> {
    const tree = new VirtualTree(this.cache, current);
    const conflicts: Composed['conflicts'] = [];
    // Paths whose end is settled by an answer: older steps pass them by.
    const settled = new Set<string>();
    for (const full of steps) {
      options.signal?.throwIfAborted();
      const step = without(full, settled);
      if (step.edits.length === 0) continue;
      if (options.exact !== false && (await isExact(tree, step, this.cache))) {
        // What goes makes room for what comes: a directory may stand where a file did.
        for (const edit of step.edits) if (!edit.before) await tree.set(edit.path, null);
        for (const edit of step.edits) if (edit.before) await tree.set(edit.path, edit.before);
        continue;
      }
      const met = await this.#merge(tree, step, current, options, settled);
      conflicts.push(...met);
    }
    return { tree: await tree.write(), conflicts };
  }

  async #merge(
    tree: VirtualTree,
    step: UndoStep,
    current: string,
    options: ComposeOptions,
    settled: Set<string>,
  ): Promise<Composed['conflicts']> {
    const oursTree = await tree.write();
    await this.#lendAttributes(current);
    const theirsTree = step.whole ? step.beforeTree : await this.#partOf(step);
    const base = this.store.commit(step.afterTree);
    const ours = this.store.commit(oursTree, [base]);
    const theirs = this.store.commit(theirsTree, [base]);
    const merged = await this.#merger.merge(ours, theirs);
    tree.become(merged.tree);
    if (merged.clean) return [];
    const sides = { ours: new VirtualTree(this.cache, oursTree), theirs: new VirtualTree(this.cache, theirsTree) };
    const groups = groupConflicts(merged, [ours, theirs]);
    const met: Composed['conflicts'] = [];
    for (const group of groups) {
      const conflict = await this.#describe(group, step, tree);
      const answer = await options.answer(conflict);
      met.push({ ...conflict, answer });
      await this.#settle(tree, group, conflict, answer, sides, current);
      if (answer?.answer === 'skip' || answer?.answer === 'merge') for (const path of group.paths) settled.add(path);
    }
    return met;
  }

  async #describe(group: ConflictGroup, step: UndoStep, merged: VirtualTree): Promise<StepConflict> {
    const side = (stage: 1 | 2 | 3): PlacedFile | null => {
      const found = group.stages.find((entry) => entry.stage === stage);
      return found ? { path: found.path, mode: found.mode, oid: found.oid } : null;
    };
    const [base, ours, theirs] = [side(1), side(2), side(3)];
    const path = ours?.path ?? theirs?.path ?? base?.path ?? (group.paths[0] as string);
    const edits = step.edits.filter((edit) => group.paths.includes(edit.path));
    const marked = group.kind === 'content' ? await merged.get(path) : null;
    return {
      kind: group.kind,
      path,
      paths: group.paths,
      position: step.position,
      changeIds: [...new Set((edits.length > 0 ? edits : step.edits).map(({ changeId }) => changeId))],
      base,
      ours,
      theirs,
      merged: marked ? (await this.read(marked.oid)).toString('utf8') : null,
    };
  }

  async #settle(
    tree: VirtualTree,
    group: ConflictGroup,
    conflict: StepConflict,
    answer: StepAnswer,
    sides: { ours: VirtualTree; theirs: VirtualTree },
    current: string,
  ): Promise<void> {
    for (const path of group.invented) await tree.set(path, null);
    if (answer?.answer === 'ours' || answer?.answer === 'theirs') {
      const favoured = await this.#favour(group, conflict, answer.answer);
      const merged = favoured && (await tree.get(conflict.path));
      if (merged) await tree.set(conflict.path, { mode: merged.mode, oid: this.store.write('blob', favoured) });
      else await putSide(tree, group.paths, sides[answer.answer]);
      return;
    }
    const skipped = answer?.answer === 'skip' || answer?.answer === 'merge';
    await putSide(tree, group.paths, skipped ? new VirtualTree(this.cache, current) : sides.ours);
    if (answer?.answer === 'merge') {
      const mode = conflict.ours?.mode ?? conflict.theirs?.mode ?? '100644';
      await tree.set(conflict.path, { mode, oid: this.store.write('blob', Buffer.from(answer.text)) });
    }
  }

  /** The text with places in conflict taken from one side; null where it is not one of texts. */
  async #favour(group: ConflictGroup, conflict: StepConflict, side: 'ours' | 'theirs'): Promise<Buffer | null> {
    const { base, ours, theirs } = conflict;
    if (group.kind !== 'content' || !base || !ours || !theirs) return null;
    const contents = await Promise.all([base, ours, theirs].map(({ oid }) => this.read(oid)));
    if (!contents.every(isText)) return null;
    const [baseContent, oursContent, theirsContent] = contents as [Buffer, Buffer, Buffer];
    return (await mergeContents(baseContent, oursContent, theirsContent, side)).content;
  }

  /** The tree after the step with only the selected edits taken back. */
  async #partOf(step: UndoStep): Promise<string> {
    const part = new VirtualTree(this.cache, step.afterTree);
    for (const edit of step.edits) if (!edit.before) await part.set(edit.path, null);
    for (const edit of step.edits) if (edit.before) await part.set(edit.path, edit.before);
    return part.write();
  }

  /** Lets git see which merge the user's `.gitattributes` ask for, as `merge=union` or `-merge`. */
  async #lendAttributes(tree: string): Promise<void> {
    if (this.#attributesOf === tree) return;
    this.#attributesOf = tree;
    for (const { path, mode, oid } of await this.cache.named(tree, '.gitattributes')) {
      if (!mode.startsWith('100')) continue;
      const file = join(this.store.workTree, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await this.read(oid));
    }
  }
}

/** Puts what one side has at the paths. A directory that stands there is what the merge made of both. */
async function putSide(tree: VirtualTree, paths: readonly string[], side: VirtualTree): Promise<void> {
  for (const path of paths) {
    const found = await side.look(path);
    if (typeof found !== 'string') await tree.set(path, found);
    else if (found !== 'directory' && (await tree.look(path)) !== 'directory') await tree.set(path, null);
  }
}

function without(step: UndoStep, settled: ReadonlySet<string>): UndoStep {
  const edits = step.edits.filter(({ path }) => !settled.has(path));
  return edits.length === step.edits.length ? step : { ...step, whole: false, edits };
}
