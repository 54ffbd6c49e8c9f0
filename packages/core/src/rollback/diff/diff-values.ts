import { cloneValue } from './clone-value.ts';
import { type Comparator, compared, deepEqual, type EqualityRules } from './deep-equal.ts';
import type { DiffEntry, DiffOperation } from './diff-entry.ts';
import { formatPath, type PathStep } from './diff-path.ts';
import { itemIds, longestRising } from './keyed-array.ts';
import { isContainer, valueKind } from './value-kind.ts';

/** RB-047. */
export interface DiffOptions {
  /** Levels that are descended; what differs below is one change of the whole subtree. */
  maxDepth: number;
  /** Names of properties that are not looked at. */
  ignoreProperties: readonly string[];
  /** Whether entries say what kinds of value they lead from and to. */
  includeMetadata: boolean;
  /** By the name of what made the left value, or `*`; where one applies it decides whether two values are the same. */
  customComparators: ReadonlyMap<string, Comparator>;
}

export const DEFAULT_DIFF_OPTIONS: DiffOptions = {
  maxDepth: 10,
  ignoreProperties: ['__timestamp', '__version', '__metadata'],
  includeMetadata: true,
  customComparators: new Map(),
};

/**
 * The changes that make `right` of `left` (RB-045…055): applying them to `left` gives a value deeply equal to `right`, apart
 * from ignored properties. In the order in which they are applied: deletes from the highest position down, updates, moves,
 * creates from the lowest up. Positions are those of `left`; of creates and where moves lead, those of `right`.
 * Items of arrays are told apart by their `id` where all have one, else by position.
 */
export function diffValues(left: unknown, right: unknown, options: Partial<DiffOptions> = {}): DiffEntry[] {
  const settings = { ...DEFAULT_DIFF_OPTIONS, ...options };
  const walk = new Walk(settings);
  walk.compare(left, right, []);
  return APPLIED_IN_ORDER.flatMap((operation) => walk.entries.filter((entry) => entry.operation === operation));
}

/** RB-060. */
const APPLIED_IN_ORDER: readonly DiffOperation[] = ['delete', 'update', 'move', 'create'];

class Walk {
  readonly entries: DiffEntry[] = [];
  readonly #rules: EqualityRules;
  readonly #maxDepth: number;
  readonly #metadata: boolean;
  /** Pairs that are being compared further up: values that contain themselves end here. */
  readonly #open: [unknown, unknown][] = [];

  constructor({ maxDepth, ignoreProperties, includeMetadata, customComparators }: DiffOptions) {
    this.#rules = { ignored: new Set(ignoreProperties), comparators: customComparators };
    this.#maxDepth = maxDepth;
    this.#metadata = includeMetadata;
  }

  compare(left: unknown, right: unknown, steps: readonly PathStep[]): void {
    if (!this.#descends(left, right, steps.length)) {
      if (!deepEqual(left, right, this.#rules)) this.#add('update', steps, left, right);
      return;
    }
    if (this.#open.some(([a, b]) => a === left && b === right)) return;
    this.#open.push([left, right]);
    if (Array.isArray(left)) this.#compareArrays(left, right as unknown[], steps);
    else this.#compareObjects(left as Record<string, unknown>, right as Record<string, unknown>, steps);
    this.#open.pop();
  }

  #descends(left: unknown, right: unknown, depth: number): boolean {
    if (depth >= this.#maxDepth || compared(left, right, this.#rules) !== null) return false;
    if (!isContainer(left) || !isContainer(right) || Array.isArray(left) !== Array.isArray(right)) return false;
    return Object.getPrototypeOf(left) === Object.getPrototypeOf(right);
  }

  #compareObjects(left: Record<string, unknown>, right: Record<string, unknown>, steps: readonly PathStep[]): void {
    for (const [name, value] of this.#properties(left)) {
      if (Object.hasOwn(right, name)) this.compare(value, right[name], [...steps, name]);
      else this.#add('delete', [...steps, name], value, undefined);
    }
    for (const [name, value] of this.#properties(right)) {
      if (!Object.hasOwn(left, name)) this.#add('create', [...steps, name], undefined, value);
    }
  }

  #properties(value: Record<string, unknown>): [string, unknown][] {
    return Object.entries(value).filter(([name]) => !this.#rules.ignored.has(name));
  }

  #compareArrays(left: unknown[], right: unknown[], steps: readonly PathStep[]): void {
    const [ids, others] = [itemIds(left), itemIds(right)];
    if (ids && others) this.#compareItems(left, ids, right, others, steps);
    else this.#comparePositions(left, right, steps);
  }

  #comparePositions(left: unknown[], right: unknown[], steps: readonly PathStep[]): void {
    for (let at = left.length - 1; at >= right.length; at--) this.#add('delete', [...steps, at], left[at], undefined);
    for (let at = 0; at < Math.min(left.length, right.length); at++) this.compare(left[at], right[at], [...steps, at]);
    for (let at = left.length; at < right.length; at++) this.#add('create', [...steps, at], undefined, right[at]);
  }

  #compareItems(
    left: unknown[],
    ids: (string | number)[],
    right: unknown[],
    others: (string | number)[],
    steps: readonly PathStep[],
  ): void {
    const places = new Map(others.map((id, at) => [id, at]));
    const known = new Set(ids);
    for (let at = left.length - 1; at >= 0; at--) {
      if (!places.has(ids[at] as string | number)) this.#add('delete', [...steps, at], left[at], undefined);
    }
    const kept = ids.flatMap((id, at) => (places.has(id) ? [{ at, to: places.get(id) as number }] : []));
    const staying = longestRising(kept.map(({ to }) => to));
    for (const { at, to } of kept) {
      this.compare(left[at], right[to], [...steps, at]);
      if (staying.has(to)) continue;
      this.#add('move', [...steps, at], left[at], right[to], { to: formatPath([...steps, to]) });
    }
    for (const [at, id] of others.entries()) {
      if (!known.has(id)) this.#add('create', [...steps, at], undefined, right[at]);
    }
  }

  #add(
    operation: DiffOperation,
    steps: readonly PathStep[],
    oldValue: unknown,
    newValue: unknown,
    more: Record<string, unknown> = {},
  ): void {
    const kinds = this.#metadata ? { oldKind: valueKind(oldValue), newKind: valueKind(newValue) } : {};
    const metadata = { ...kinds, ...more };
    this.entries.push({
      path: formatPath(steps),
      operation,
      oldValue: cloneValue(oldValue),
      newValue: cloneValue(newValue),
      ...(Object.keys(metadata).length > 0 && { metadata }),
    });
  }
}
