import { createHash } from 'node:crypto';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { WorkspaceCapture, WorkspaceChange } from '../../workspaces/index.ts';
import { dependentsOf } from './dependents.ts';
import { describePaths } from './describe-paths.ts';
import { planDirectories } from './plan-directories.ts';
import { namedChanges, newestFirst, type ResolvedSelection, selectChanges } from './select-changes.ts';
import {
  type Composed,
  type Composition,
  DIRECTORY_MODE,
  isText,
  type PlacedFile,
  type StepAnswer,
  type StepConflict,
  TEXT_LIMIT,
} from './trees/index.ts';
import type { UndoConflict, UndoPlan } from './undo.ts';
import type { SettledUndoOptions } from './undo-selection.ts';
import { undoSteps } from './undo-steps.ts';

/** All that a plan is made of. */
export interface PlanInput {
  composition: Composition;
  /** The workspace as it is now. */
  capture: WorkspaceCapture;
  /** All changes of the workspace from the oldest that may be selected on. */
  changes: readonly WorkspaceChange[];
  selection: ResolvedSelection;
  options: SettledUndoOptions;
  /** What a capture says of directories without files. */
  emptyDirectoriesAt: (position: number) => Promise<readonly string[]>;
}

/**
 * What an undo would do to the workspace as it is now. Preview and execution both call this, so they cannot differ.
 * @throws UNDO_NOTHING_SELECTED, UNDO_NOT_SELECTABLE, UNDO_NO_SUCH_HUNK
 */
export async function planUndo(input: PlanInput): Promise<UndoPlan> {
  const { composition, capture, changes, selection } = input;
  const { selected, leftOut } = selectChanges(changes, selection);
  if (selected.length === 0) throw new SignalboxError('UNDO_NOTHING_SELECTED', { leftOut: leftOut.length });
  const chosen = new Set(selected.map(({ id }) => id));
  const included: WorkspaceChange[] = [];
  for (;;) {
    const steps = await undoSteps(composition, changes, chosen, selection);
    const answers = new Answers(input, chosen);
    const composed = await composition.undo(capture.treeId, steps, { answer: (conflict) => answers.of(conflict) });
    const [more] = answers.toInclude.values();
    if (more) {
      // Undone before what depends on it is; then all is composed anew.
      chosen.add(more.id);
      included.push(more);
      continue;
    }
    const conflicts = await Promise.all(
      composed.conflicts.map((conflict) => describeConflict(composition, conflict, answers.dependents)),
    );
    const { paths, changed } = await describePaths(composition, capture.treeId, composed.tree, steps, conflicts);
    const directories = await planDirectories({
      steps,
      changed,
      capture,
      emptyDirectoriesAt: input.emptyDirectoriesAt,
      holdsFiles: async (path) => (await composition.cache.find(composed.tree, path))?.mode === DIRECTORY_MODE,
    });
    const all = [...selected, ...included].sort(newestFirst);
    return {
      workspaceId: capture.workspaceId,
      digest: digestOf({ paths, conflicts, directories }),
      currentTree: capture.treeId,
      targetTree: composed.tree,
      paths,
      conflicts,
      changeIds: all.map(({ id }) => id),
      includedDependents: included.map(({ id }) => id),
      sessionIds: [...new Set(all.flatMap(({ sessionId }) => sessionId ?? []))],
      leftOut: leftOut.map(({ id, path, attribution }) => ({ changeId: id, path, attribution })),
      directories,
      commits: [],
    };
  }
}

/** What is said of the conflicts of one composition. */
class Answers {
  readonly toInclude = new Map<string, WorkspaceChange>();
  readonly dependents = new Map<StepConflict, WorkspaceChange[]>();
  readonly #input: PlanInput;
  readonly #chosen: ReadonlySet<string>;

  constructor(input: PlanInput, chosen: ReadonlySet<string>) {
    this.#input = input;
    this.#chosen = chosen;
  }

  async of(conflict: StepConflict): Promise<StepAnswer> {
    const { composition, changes, options, selection } = this.#input;
    const dependents = await dependentsOf(composition, conflict, changes, this.#chosen);
    this.dependents.set(conflict, dependents);
    const named = new Set(namedChanges(selection));
    for (const change of dependents) {
      const own = options.dependents.find(({ changeId }) => changeId === change.id)?.answer;
      const answer = own ?? options.onDependent;
      const nobodys = change.attribution === 'external' || change.attribution === 'ambiguous';
      // Nobody's change is undone only when it is named, be it by its own answer.
      const mayGo = change.attribution !== 'vcs' && (!nobodys || own === 'include' || named.has(change.id));
      if (answer === 'include' && mayGo) {
        this.toInclude.set(change.id, change);
        return null;
      }
      if (answer === 'skip') return { answer: 'skip' };
    }
    return this.#resolution(conflict);
  }

  #resolution({ paths, position }: StepConflict): StepAnswer {
    const { resolutions, onConflict } = this.#input.options;
    const meant = resolutions.filter(({ path }) => paths.includes(path));
    const own = meant.find((one) => one.position === position) ?? meant.find((one) => one.position === undefined);
    if (own?.answer === 'merge') return { answer: 'merge', text: own.text ?? '' };
    const answer = own?.answer ?? onConflict;
    if (answer === 'overwrite') return { answer: 'theirs' };
    return answer === 'ask_user' || answer === 'abort' ? null : { answer };
  }
}

async function describeConflict(
  composition: Composition,
  conflict: Composed['conflicts'][number],
  dependents: ReadonlyMap<StepConflict, WorkspaceChange[]>,
): Promise<UndoConflict> {
  const { answer, base, ours, theirs, ...rest } = conflict;
  const side = async (file: PlacedFile | null) => file && { ...file, text: await shownText(composition, file) };
  const found = [...dependents].find(
    ([other]) => other.position === conflict.position && other.path === conflict.path,
  )?.[1];
  return {
    ...rest,
    base: await side(base),
    ours: await side(ours),
    theirs: await side(theirs),
    dependents: (found ?? []).map(({ id }) => id),
    answer: answer?.answer ?? null,
  };
}

async function shownText(composition: Composition, { oid }: PlacedFile): Promise<string | null> {
  const content = await composition.read(oid);
  return content.length <= TEXT_LIMIT && isText(content) ? content.toString('utf8') : null;
}

/** The same for the same doing: who else wrote elsewhere meanwhile does not change it. */
export function digestOf({
  paths,
  conflicts,
  directories,
}: Pick<UndoPlan, 'paths' | 'conflicts' | 'directories'>): string {
  const done = paths.map(({ path, outcome, current, target }) => [path, outcome, pair(current), pair(target)]);
  const open = conflicts.map(({ path, kind, position, answer }) => [path, kind, position, answer]);
  return createHash('sha256')
    .update(JSON.stringify([done, open, directories]))
    .digest('hex');
}

function pair(state: { mode: string; oid: string } | null): string | null {
  return state && `${state.mode} ${state.oid}`;
}
