import { diffArrays } from 'diff';

/** A stretch of two sequences: items both have, or what the old one has where the new one has something else. */
export type Stretch =
  | { same: true; items: readonly string[] }
  | { same: false; removed: readonly string[]; added: readonly string[] };

export interface Alignment {
  stretches: Stretch[];
  /** False where the guard ended the search: then what remains equal in the middle may not be the most there is. */
  exact: boolean;
}

/** Edits after which the search is given up: it takes time and memory in their square. */
export const MAX_EDITS = 2_000;

/**
 * What two sequences have in common: a longest common subsequence (RB-149). Items that only one of them has cannot be
 * part of it and are set aside first, so that texts that have little in common cost little. Swapping the sequences
 * swaps the answer and changes nothing else.
 */
export function align(old: readonly string[], next: readonly string[], maxEdits: number = MAX_EDITS): Alignment {
  if (!precedes(old, next)) return between(old, next, maxEdits);
  const { stretches, exact } = between(next, old, maxEdits);
  return {
    exact,
    stretches: stretches.map((one) => (one.same ? one : { same: false, removed: one.added, added: one.removed })),
  };
}

/** Some total order of sequences. */
function precedes(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return left.length < right.length;
  const index = left.findIndex((item, at) => item !== right[at]);
  return index >= 0 && (left[index] as string) < (right[index] as string);
}

function between(old: readonly string[], next: readonly string[], maxEdits: number): Alignment {
  const start = commonStart(old, next);
  const end = commonStart(old.slice(start).reverse(), next.slice(start).reverse());
  const oldMiddle = old.slice(start, old.length - end);
  const newMiddle = next.slice(start, next.length - end);
  const pairs = pairUp(oldMiddle, newMiddle, maxEdits);
  const stretches = [
    ...sameStretch(old.slice(0, start)),
    ...stretchesAround(pairs ?? [], oldMiddle, newMiddle),
    ...sameStretch(old.slice(old.length - end)),
  ];
  return { stretches, exact: pairs !== null };
}

function commonStart(left: readonly string[], right: readonly string[]): number {
  const most = Math.min(left.length, right.length);
  let length = 0;
  while (length < most && left[length] === right[length]) length += 1;
  return length;
}

/** Positions of what both share, as pairs that rise in both; null where finding them would take too long. */
function pairUp(
  old: readonly string[],
  next: readonly string[],
  maxEditLength: number,
): (readonly [number, number])[] | null {
  const [inOld, inNext] = [new Set(old), new Set(next)];
  const oldPlaces = [...old.keys()].filter((at) => inNext.has(old[at] as string));
  const newPlaces = [...next.keys()].filter((at) => inOld.has(next[at] as string));
  const changes = diffArrays(
    oldPlaces.map((at) => old[at] as string),
    newPlaces.map((at) => next[at] as string),
    { maxEditLength },
  );
  if (!changes) return null;
  let [oldAt, newAt] = [0, 0];
  return changes.flatMap(({ added, removed, count }) => {
    const places = Array.from({ length: count }, (_, i) => [oldPlaces[oldAt + i], newPlaces[newAt + i]] as const);
    if (!added) oldAt += count;
    if (!removed) newAt += count;
    return added || removed ? [] : (places as (readonly [number, number])[]);
  });
}

function stretchesAround(
  pairs: readonly (readonly [number, number])[],
  old: readonly string[],
  next: readonly string[],
): Stretch[] {
  const stretches: Stretch[] = [];
  let [oldAt, newAt] = [0, 0];
  let run: string[] = [];
  for (const [oldTo, newTo] of [...pairs, [old.length, next.length] as const]) {
    if (oldTo > oldAt || newTo > newAt || oldTo === old.length) {
      stretches.push(...sameStretch(run), ...otherStretch(old.slice(oldAt, oldTo), next.slice(newAt, newTo)));
      run = [];
    }
    if (oldTo < old.length) run.push(old[oldTo] as string);
    [oldAt, newAt] = [oldTo + 1, newTo + 1];
  }
  return stretches;
}

function otherStretch(removed: readonly string[], added: readonly string[]): Stretch[] {
  return removed.length + added.length === 0 ? [] : [{ same: false, removed, added }];
}

function sameStretch(items: readonly string[]): Stretch[] {
  return items.length === 0 ? [] : [{ same: true, items }];
}
