import type { RollbackPreview, StartRollback } from '@signalbox/client';
import type { Picked } from '../app/search.ts';

/** What is chosen for a rollback, as its address says it. */
export const POINT_SEARCH = ['strategy', 'conflicts', 'since', 'leave', 'item'] as const;
export type PointSearch = Picked<(typeof POINT_SEARCH)[number]>;

export const CHOSEN_STRATEGIES = ['recommended', 'immediate', 'gradual', 'safe', 'force', 'time_based'] as const;
export type ChosenStrategy = (typeof CHOSEN_STRATEGIES)[number];
export const RESOLUTIONS = ['abort', 'skip', 'overwrite', 'merge', 'ask_user'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export interface RollbackChoices {
  strategy: ChosenStrategy;
  /** What becomes of changes that are in conflict. */
  conflicts: Resolution;
  /** For `time_based`: only what was changed after this moment, as ISO text; null while none is named. */
  since: string | null;
  /** Paths of items that stay as they are. */
  leave: string[];
}

/** A path can hold every sign but this one, near enough; and addresses stay readable. */
const BETWEEN_PATHS = '\n';

export function choicesOf({ strategy, conflicts, since, leave }: PointSearch): RollbackChoices {
  return {
    strategy: CHOSEN_STRATEGIES.find((one) => one === strategy) ?? 'recommended',
    conflicts: RESOLUTIONS.find((one) => one === conflicts) ?? 'abort',
    since: since !== undefined && !Number.isNaN(Date.parse(since)) ? since : null,
    leave: (leave ?? '').split(BETWEEN_PATHS).filter((path) => path !== ''),
  };
}

export function searchOfChoices({ strategy, conflicts, since, leave }: RollbackChoices): PointSearch {
  return {
    strategy: strategy === 'recommended' ? undefined : strategy,
    conflicts: conflicts === 'abort' ? undefined : conflicts,
    since: since ?? undefined,
    leave: leave.length === 0 ? undefined : leave.join(BETWEEN_PATHS),
  };
}

/**
 * What to ask for. Where something is left out, the rest is named path by path, which only the strategy for parts can do.
 * @param kept paths of the items that go back; null for all of them.
 * @returns null while it is not said what to do: nothing is kept, or no moment is named.
 */
export function requestOf(
  { strategy, conflicts, since }: Omit<RollbackChoices, 'leave'>,
  kept: readonly string[] | null,
  answers: Readonly<Record<string, Resolution>>,
): StartRollback | null {
  const how: StartRollback = {
    conflictResolution: conflicts,
    ...(conflicts === 'ask_user' ? { resolutions: { ...answers } } : {}),
  };
  if (kept !== null) {
    if (kept.length === 0) return null;
    return { ...how, type: 'partial', partialSelections: [{ type: 'file', identifiers: [...kept] }] };
  }
  if (strategy === 'time_based') {
    if (since === null) return null;
    return { ...how, type: 'selective', timebasedFilter: { rollbackToTimestamp: new Date(since).toISOString() } };
  }
  if (strategy === 'recommended') return how;
  // To preview it is not to do it: the dialog asks before it is.
  return { ...how, strategy, ...(strategy === 'force' ? { confirm: true } : {}) };
}

/** What there is to change about one item: a file, a group of settings, a session. */
export interface ChangedItem {
  /** As the API names it, without the property: `file:src/a.ts`. */
  item: string;
  /** Where it stands in a tree of items. */
  path: string;
  changes: RollbackPreview['changes'];
}

const KINDS: Readonly<Record<string, string>> = {
  file: 'files',
  config: 'configuration',
  session: 'session',
  entity: 'entities',
  relationship: 'relationships',
};

/** The items that changes are about, in the order in which they come. */
export function changedItems(changes: RollbackPreview['changes']): ChangedItem[] {
  const items = new Map<string, ChangedItem>();
  for (const change of changes) {
    const item = itemOf(change.path);
    const known = items.get(item) ?? { item, path: treePathOf(item), changes: [] };
    known.changes.push(change);
    items.set(item, known);
  }
  return [...items.values()];
}

/** The item that a path is within. */
export function itemOf(path: string): string {
  const [item = path] = path.split('#');
  return item;
}

function treePathOf(item: string): string {
  const at = item.indexOf(':');
  const kind = KINDS[item.slice(0, at)];
  const key = item.slice(at + 1).replace(/%2([35])/g, (_, digit) => (digit === '3' ? '#' : '%'));
  return kind === undefined ? item : `${kind}/${key}`;
}

/** A value as lines of text: what is compared and shown. */
export function valueText(value: unknown): string {
  if (value === undefined) return '';
  return `${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}\n`;
}
