import { z } from 'zod';
import type { RollbackConflict } from '../conflicts/index.ts';
import type { DiffEntry } from '../diff/index.ts';

/** Two changes of one path nearer than this cannot be told apart by time (RB-107), in milliseconds. */
const TOO_NEAR = 60_000;

const time = z.iso.datetime();

/** Which changes are to be put back, by when they were made (RB-102). All criteria that are given must hold. */
export const timeFilterSchema = z.strictObject({
  /** Changes up to this moment stay. */
  rollbackToTimestamp: time.optional(),
  /** The same; the later of the two counts. */
  includeChangesAfter: time.optional(),
  /** Changes after this moment stay. */
  excludeChangesAfter: time.optional(),
  /** Changes that are older, in milliseconds, stay. */
  maxChangeAge: z.number().positive().optional(),
  /** What becomes of changes of which no time is known (RB-104). */
  undated: z.enum(['include', 'exclude']).default('include'),
});
export type TimeFilter = z.output<typeof timeFilterSchema>;

/** Whether it says from when on: an upper bound alone is not enough (RB-103). */
export function saysFromWhen({ rollbackToTimestamp, includeChangesAfter, maxChangeAge }: TimeFilter): boolean {
  return rollbackToTimestamp !== undefined || includeChangesAfter !== undefined || maxChangeAge !== undefined;
}

const IN_PATH = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?/;

/** When a change was made, as epoch milliseconds; null where nothing tells (RB-104). */
export function timeOf({ path, oldValue, newValue, metadata }: DiffEntry): number | null {
  const inPath = IN_PATH.exec(path)?.[0];
  const candidates = [
    metadata?.timestamp,
    inPath === undefined ? undefined : `${inPath}Z`,
    (oldValue as { timestamp?: unknown } | null | undefined)?.timestamp,
    (newValue as { timestamp?: unknown } | null | undefined)?.timestamp,
  ];
  for (const candidate of candidates) {
    const at = epochMs(candidate);
    if (at !== null) return at;
  }
  return null;
}

function epochMs(value: unknown): number | null {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.getTime();
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : at;
}

/** The changes that the filter lets through, newest first, undated last (RB-102, RB-106), and how many have no date. */
export function filterByTime(
  changes: readonly DiffEntry[],
  filter: TimeFilter,
  now: Date,
): { selected: DiffEntry[]; undated: number } {
  const dated = changes.map((change) => ({ change, at: timeOf(change) }));
  const selected = dated
    .filter(({ at }) => (at === null ? filter.undated === 'include' : passes(at, filter, now)))
    .sort((a, b) => (b.at ?? Number.NEGATIVE_INFINITY) - (a.at ?? Number.NEGATIVE_INFINITY) || 0)
    .map(({ change }) => change);
  return { selected, undated: dated.filter(({ at }) => at === null).length };
}

function passes(at: number, filter: TimeFilter, now: Date): boolean {
  const { rollbackToTimestamp, includeChangesAfter, excludeChangesAfter, maxChangeAge } = filter;
  if (rollbackToTimestamp !== undefined && at <= Date.parse(rollbackToTimestamp)) return false;
  if (includeChangesAfter !== undefined && at <= Date.parse(includeChangesAfter)) return false;
  if (excludeChangesAfter !== undefined && at > Date.parse(excludeChangesAfter)) return false;
  return maxChangeAge === undefined || now.getTime() - at <= maxChangeAge;
}

/** Each neighbouring pair of changes of one path that are less than a minute apart (RB-107). */
export function temporalConflicts(changes: readonly DiffEntry[]): RollbackConflict[] {
  const conflicts: RollbackConflict[] = [];
  for (const [path, mine] of Map.groupBy(changes, (change) => change.path)) {
    const dated = mine.flatMap((change) => {
      const at = timeOf(change);
      return at === null ? [] : [{ change, at }];
    });
    dated.sort((a, b) => a.at - b.at);
    const timestamps = dated.map(({ at }) => new Date(at).toISOString());
    for (const [index, { change, at }] of dated.entries()) {
      const earlier = dated[index - 1];
      if (!earlier || at - earlier.at >= TOO_NEAR) continue;
      conflicts.push({
        path,
        type: 'value_mismatch',
        currentValue: change.oldValue,
        rollbackValue: change.newValue,
        context: { temporalConflict: true, timestamps },
      });
    }
  }
  return conflicts;
}
