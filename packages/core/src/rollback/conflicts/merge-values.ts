import { isDeepStrictEqual } from 'node:util';
import { diff3Merge } from 'node-diff3';
import { type Members, membersOfArray, membersOfObject, unionOf } from './members.ts';
import type { MergeSettings } from './merge-settings.ts';
import { mergeText } from './merge-text.ts';
import { isPlainObject } from './plain-object.ts';
import { otherSide, preferredSide } from './preference.ts';
import { valueText } from './value-text.ts';

/** What both sides come from; null where that is not known. */
export type Base = { value: unknown } | null;

export interface MergedValue {
  value: unknown;
  /** Leaf keys of the union of both sides; whatever is taken whole is one. */
  leaves: number;
  /** Those of them that preference alone settled. */
  preferred: number;
  /** `+key` came from the rollback, `-key` went with it, `~key` was merged within, `=key(side)` preference gave to a side. */
  marks: string[];
  kept: string[];
  discarded: string[];
}

/** Names that reach an object's prototype rather than its content: what stands under them is taken whole (RB-137). */
const PROTOTYPE_NAMES: ReadonlySet<unknown> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Two values in one (RB-136, RB-137). What only one side has is kept; objects are merged key by key, and arrays item by
 * item where every item has an `id` of its own; whatever else differs goes to the preferred side. Where it is known what both
 * come from, what one side left alone is the other side's, and only what both changed is left to preference.
 */
export function mergeValues(settings: MergeSettings, current: unknown, rollback: unknown, base: Base): MergedValue {
  return new ValueMerge(settings).merge(current, rollback, base, '');
}

class ValueMerge {
  readonly #settings: MergeSettings;

  constructor(settings: MergeSettings) {
    this.#settings = settings;
  }

  /** @param name of the value within the whole, for marks; empty for the whole. */
  merge(current: unknown, rollback: unknown, base: Base, name: string): MergedValue {
    return this.#unchanged(current, rollback, base, name) ?? this.#within(current, rollback, base, name);
  }

  /** Where no more than one side changed anything; null where both did. */
  #unchanged(current: unknown, rollback: unknown, base: Base, name: string): MergedValue | null {
    if (this.#equal(current, rollback)) return this.#taken(current, []);
    if (!base) return null;
    if (this.#equal(rollback, base.value)) return this.#taken(current, []);
    if (!this.#equal(current, base.value)) return null;
    const sign = current === undefined ? '+' : rollback === undefined ? '-' : '~';
    return this.#taken(rollback, [sign + name]);
  }

  #within(current: unknown, rollback: unknown, base: Base, name: string): MergedValue {
    if (isPlainObject(current) && isPlainObject(rollback)) {
      const from = isPlainObject(base?.value) ? membersOfObject(base.value) : null;
      const merged = this.#members(membersOfObject(current), membersOfObject(rollback), from, (key) =>
        name === '' ? String(key) : `${name}.${key}`,
      );
      return marked(name, { ...merged, value: Object.fromEntries(merged.members as [string, unknown][]) });
    }
    if (Array.isArray(current) && Array.isArray(rollback)) return this.#arrays(current, rollback, base, name);
    if (typeof current === 'string' && typeof rollback === 'string' && typeof base?.value === 'string') {
      const { text, preferred } = mergeText(this.#settings, current, rollback, base.value);
      if (preferred === 0) return this.#taken(text, [`~${name}`]);
    }
    return this.#preferred(current, rollback, name);
  }

  #members(
    current: Members,
    rollback: Members,
    base: Members | null,
    nameOf: (key: unknown) => string,
  ): Omit<MergedValue, 'value'> & { members: [unknown, unknown][] } {
    const total = { leaves: 0, preferred: 0, marks: [], kept: [], discarded: [] } as Omit<MergedValue, 'value'>;
    const members: [unknown, unknown][] = [];
    for (const key of unionOf(current, rollback)) {
      const one = this.#member(key, current, rollback, base, nameOf(key));
      if (one.value !== undefined || (current.has(key) && rollback.has(key))) members.push([key, one.value]);
      total.leaves += one.leaves;
      total.preferred += one.preferred;
      total.marks.push(...one.marks);
      total.kept.push(...one.kept);
      total.discarded.push(...one.discarded);
    }
    // An empty object is a leaf itself.
    return { ...total, leaves: Math.max(total.leaves, 1), members };
  }

  #member(key: unknown, current: Members, rollback: Members, base: Members | null, name: string): MergedValue {
    const [mine, theirs] = [current.get(key), rollback.get(key)];
    if (!base && !rollback.has(key)) return this.#taken(mine, []);
    if (!base && !current.has(key)) return this.#taken(theirs, [`+${name}`]);
    const from = base && { value: base.get(key) };
    if (!PROTOTYPE_NAMES.has(key)) return this.merge(mine, theirs, from, name);
    return this.#unchanged(mine, theirs, from, name) ?? this.#preferred(mine, theirs, name);
  }

  #arrays(current: readonly unknown[], rollback: readonly unknown[], base: Base, name: string): MergedValue {
    const from = Array.isArray(base?.value) ? base.value : null;
    const [mine, theirs, common] = [current, rollback, from].map((items) => items && this.#byId(items));
    if (mine && theirs && (common || !from)) {
      const merged = this.#members(mine, theirs, common ?? null, (id) => `${name}[${id}]`);
      return marked(name, { ...merged, value: merged.members.map(([, item]) => item) });
    }
    const items = from && mergeItems(current, from, rollback);
    return items ? this.#taken(items, [`~${name}`]) : this.#preferred(current, rollback, name);
  }

  #byId(items: readonly unknown[]): Members | null {
    return this.#settings.semanticAnalysis ? membersOfArray(items) : null;
  }

  #taken(value: unknown, marks: string[]): MergedValue {
    return { value, leaves: this.#leavesOf(value), preferred: 0, marks, kept: [], discarded: [] };
  }

  #preferred(current: unknown, rollback: unknown, name: string): MergedValue {
    const side = preferredSide(this.#settings, current, rollback);
    const sideName = (one: string) => (name === '' ? `${one}_value` : `${name}(${one})`);
    return {
      value: side === 'current' ? current : rollback,
      leaves: 1,
      preferred: 1,
      marks: name === '' ? [] : [`=${name}(${side})`],
      kept: [sideName(side)],
      discarded: [sideName(otherSide(side))],
    };
  }

  #leavesOf(value: unknown): number {
    const members = isPlainObject(value) ? membersOfObject(value) : Array.isArray(value) ? this.#byId(value) : null;
    if (!members) return 1;
    return Math.max(
      [...members.values()].reduce<number>((sum, one) => sum + this.#leavesOf(one), 0),
      1,
    );
  }

  #equal(left: unknown, right: unknown): boolean {
    if (this.#settings.semanticAnalysis) return isDeepStrictEqual(left, right);
    return left === right || (left !== undefined && JSON.stringify(left) === JSON.stringify(right));
  }
}

/** Something merged within a name is marked before what happened in it. */
function marked(name: string, { value, leaves, preferred, marks, kept, discarded }: MergedValue): MergedValue {
  return { value, leaves, preferred, kept, discarded, marks: name === '' ? marks : [`~${name}`, ...marks] };
}

/** Three-way over items, never by position (design.md §6); null where both sides changed the same place. */
function mergeItems(
  current: readonly unknown[],
  base: readonly unknown[],
  rollback: readonly unknown[],
): unknown[] | null {
  const items = new Map<string, unknown>();
  const [mine, from, theirs] = [current, base, rollback].map((list) =>
    list.map((item) => {
      const text = valueText(item);
      items.set(text, item);
      return text;
    }),
  ) as [string[], string[], string[]];
  const regions = diff3Merge(mine, from, theirs, { excludeFalseConflicts: true });
  if (regions.some(({ conflict }) => conflict)) return null;
  return regions.flatMap(({ ok }) => (ok ?? []).map((text) => items.get(text)));
}
