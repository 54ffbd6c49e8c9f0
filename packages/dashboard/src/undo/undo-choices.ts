import type { PreviewUndo, UndoPlan } from '@signalbox/client';
import type { Picked } from '../app/search.ts';

/** What is chosen for an undo, as its address says it. */
export const UNDO_SEARCH = ['paths', 'leave', 'include', 'dependents', 'file'] as const;
export type UndoSearch = Picked<(typeof UNDO_SEARCH)[number]>;

export type Resolution = NonNullable<NonNullable<PreviewUndo['options']>['resolutions']>[number];
export type DependentAnswer = NonNullable<NonNullable<PreviewUndo['options']>['dependents']>[number];

export interface UndoChoices {
  /** Globs: only changes of these paths; all when empty. */
  paths: string[];
  /** Paths that are left as they are. */
  leave: string[];
  /** Ids of changes that are undone only because they are named. */
  include: string[];
  dependents: DependentAnswer[];
}

/** A file name can hold every sign but this one, near enough; and addresses stay readable. */
const BETWEEN_PATHS = '\n';
const ANSWERS = ['include', 'conflict', 'skip'] as const;

export function choicesOf({ paths, leave, include, dependents }: UndoSearch): UndoChoices {
  return {
    paths: parts(paths, BETWEEN_PATHS),
    leave: parts(leave, BETWEEN_PATHS),
    include: parts(include, ','),
    dependents: parts(dependents, ',').flatMap((part) => {
      const [changeId = '', said] = part.split('.');
      const answer = ANSWERS.find((one) => one === said);
      return answer === undefined ? [] : [{ changeId, answer }];
    }),
  };
}

export function searchOfChoices({ paths, leave, include, dependents }: UndoChoices): UndoSearch {
  return {
    paths: joined(paths, BETWEEN_PATHS),
    leave: joined(leave, BETWEEN_PATHS),
    include: joined(include, ','),
    dependents: joined(
      dependents.map(({ changeId, answer }) => `${changeId}.${answer}`),
      ',',
    ),
  };
}

/** What to ask for, before paths are left out of it. */
export function requestOf(
  base: PreviewUndo['selection'],
  { paths, include, dependents }: Omit<UndoChoices, 'leave'>,
  resolutions: readonly Resolution[],
): PreviewUndo {
  return {
    selection: {
      ...base,
      ...(paths.length > 0 ? { paths } : {}),
      ...(include.length > 0 ? { changeIds: include } : {}),
    },
    options: { resolutions: [...resolutions], dependents },
  };
}

/**
 * The same without the changes of paths that are left as they are, by the ids of the others: a path in a selection is a
 * pattern, and an id is exactly one change. A change that is about two paths stays out with either. Null where nothing is
 * left to undo.
 */
export function narrowed(whole: UndoPlan, request: PreviewUndo, leave: readonly string[]): PreviewUndo | null {
  const left = new Set(leave);
  const away = new Set(whole.paths.filter(({ path }) => left.has(path)).flatMap(({ changeIds }) => changeIds));
  if (away.size === 0) return request;
  // What depends on others is taken along by its own answer, as long as they are undone.
  const along = new Set(whole.includedDependents);
  const changeIds = whole.changeIds.filter((id) => !away.has(id) && !along.has(id));
  return changeIds.length === 0
    ? null
    : { ...request, selection: { workspaceId: whole.workspaceId, changeIds: changeIds } };
}

/** With another answer in place of an earlier one of the same conflict; without it where there is none. */
export function withResolution(
  resolutions: readonly Resolution[],
  { path, position }: { path: string; position: number },
  answer: Pick<Resolution, 'answer' | 'text'> | null,
): Resolution[] {
  const others = resolutions.filter((one) => one.path !== path || one.position !== position);
  return answer === null ? others : [...others, { path, position, ...answer }];
}

export function withDependent(
  dependents: readonly DependentAnswer[],
  changeId: string,
  answer: DependentAnswer['answer'],
): DependentAnswer[] {
  const others = dependents.filter((one) => one.changeId !== changeId);
  return answer === 'conflict' ? others : [...others, { changeId, answer }];
}

/** A path as a pattern that means nothing else. */
export function literalPattern(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, '\\$&');
}

function parts(text: string | undefined, separator: string): string[] {
  return (text ?? '').split(separator).filter((part) => part !== '');
}

function joined(list: readonly string[], separator: string): string | undefined {
  return list.length === 0 ? undefined : list.join(separator);
}
