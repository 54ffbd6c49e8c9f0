import { isDeepStrictEqual } from 'node:util';
import { diff3MergeRegions } from 'node-diff3';

/** A value, or that there is none. */
export const ABSENT = Symbol('absent');
type Slot = unknown | typeof ABSENT;

export interface StructuralConflict {
  /** Keys, and ids of items, from the root. */
  path: string[];
  /** Undefined where there is none. */
  base: unknown;
  ours: unknown;
  theirs: unknown;
}

export interface StructuralMerge {
  /** With ours in places of conflict; undefined where nothing is left. */
  value: unknown;
  conflicts: StructuralConflict[];
}

/**
 * Three-way merge of JSON values: what one side changed is taken, what both changed alike too. Objects by their keys.
 * Arrays by `id` where all items on all sides have one of their own; else by items in their order, never by index.
 * Where both sides changed one place differently, ours stays and a conflict tells both. Pass undefined for a value that
 * is not there. For an undo, base is the value after the change, ours the one now, theirs the one before.
 */
export function mergeStructures(base: unknown, ours: unknown, theirs: unknown): StructuralMerge {
  const conflicts: StructuralConflict[] = [];
  const value = mergeSlots(slotOf(base), slotOf(ours), slotOf(theirs), [], conflicts);
  return { value: plainOf(value), conflicts };
}

function mergeSlots(base: Slot, ours: Slot, theirs: Slot, path: string[], conflicts: StructuralConflict[]): Slot {
  if (isDeepStrictEqual(ours, theirs) || isDeepStrictEqual(base, theirs)) return ours;
  if (isDeepStrictEqual(base, ours)) return theirs;
  if (isRecord(ours) && isRecord(theirs) && (isRecord(base) || base === ABSENT)) {
    return mergeRecords(base === ABSENT ? {} : base, ours, theirs, path, conflicts);
  }
  if (Array.isArray(ours) && Array.isArray(theirs) && (Array.isArray(base) || base === ABSENT)) {
    return mergeArrays(base === ABSENT ? [] : base, ours, theirs, path, conflicts);
  }
  conflicts.push({ path, base: plainOf(base), ours: plainOf(ours), theirs: plainOf(theirs) });
  return ours;
}

type Json = Record<string, unknown>;

function mergeRecords(base: Json, ours: Json, theirs: Json, path: string[], conflicts: StructuralConflict[]): Json {
  const merged: [string, unknown][] = [];
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const slots = [base, ours, theirs].map((side) => (Object.hasOwn(side, key) ? side[key] : ABSENT));
    const slot = mergeSlots(slots[0], slots[1], slots[2], [...path, key], conflicts);
    if (slot !== ABSENT) merged.push([key, slot]);
  }
  // Entries, not assignments: a key may be `__proto__`.
  return Object.fromEntries(merged);
}

function mergeArrays(
  base: readonly unknown[],
  ours: readonly unknown[],
  theirs: readonly unknown[],
  path: string[],
  conflicts: StructuralConflict[],
): unknown[] {
  const keyed = [base, ours, theirs].map(byId);
  const [baseItems, oursItems, theirsItems] = keyed;
  if (baseItems && oursItems && theirsItems) return mergeKeyed(baseItems, oursItems, theirsItems, path, conflicts);
  const texts = [base, ours, theirs].map((side) => side.map((item) => canonical(item)));
  const merged: unknown[] = [];
  for (const region of diff3MergeRegions(texts[1] as string[], texts[0] as string[], texts[2] as string[])) {
    if (region.stable) {
      const side = region.buffer === 'a' ? ours : region.buffer === 'b' ? theirs : base;
      merged.push(...side.slice(region.bufferStart, region.bufferStart + region.bufferLength));
      continue;
    }
    const part = (side: readonly unknown[], start: number, length: number) => side.slice(start, start + length);
    const left = part(ours, region.aStart, region.aLength);
    const right = part(theirs, region.bStart, region.bLength);
    if (!isDeepStrictEqual(left, right)) {
      conflicts.push({ path, base: part(base, region.oStart, region.oLength), ours: left, theirs: right });
    }
    merged.push(...left);
  }
  return merged;
}

type Keyed = Map<string, unknown>;

function mergeKeyed(
  base: Keyed,
  ours: Keyed,
  theirs: Keyed,
  path: string[],
  conflicts: StructuralConflict[],
): unknown[] {
  const merged = new Map<string, unknown>();
  for (const id of new Set([...ours.keys(), ...theirs.keys()])) {
    const slots = [base, ours, theirs].map((side) => (side.has(id) ? side.get(id) : ABSENT));
    const slot = mergeSlots(slots[0], slots[1], slots[2], [...path, id.slice(1)], conflicts);
    if (slot !== ABSENT) merged.set(id, slot);
  }
  return orderOf(base, ours, theirs)
    .filter((id) => merged.has(id))
    .map((id) => merged.get(id));
}

/** Every id of ours and theirs once: in the order of whoever changed it, of ours where both did. */
function orderOf(base: Keyed, ours: Keyed, theirs: Keyed): string[] {
  const [was, is, other] = [base, ours, theirs].map((side) => [...side.keys()]) as [string[], string[], string[]];
  const known = new Set(was);
  const shared = (ids: readonly string[], side: Keyed) => ids.filter((id) => known.has(id) && side.has(id));
  // What both sides still have of the base: who moved it?
  const moved = !isDeepStrictEqual(shared(was, ours), shared(is, ours));
  const [leader, follower] = moved ? [is, other] : [other, is];
  const order = [...leader];
  const placed = new Set(order);
  // What only the other has goes behind what it followed there.
  for (const [index, id] of follower.entries()) {
    if (placed.has(id)) continue;
    const before = follower.slice(0, index).findLast((earlier) => placed.has(earlier));
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, id);
    placed.add(id);
  }
  return order;
}

/** Items by their ids, with the ids' kind; null unless all items have one of their own. */
function byId(items: readonly unknown[]): Keyed | null {
  const keyed: Keyed = new Map();
  for (const item of items) {
    const id = isRecord(item) && Object.hasOwn(item, 'id') ? item.id : undefined;
    if (typeof id !== 'string' && typeof id !== 'number') return null;
    const key = `${typeof id === 'string' ? 's' : 'n'}${id}`;
    if (keyed.has(key)) return null;
    keyed.set(key, item);
  }
  return keyed;
}

/** The same text for equal values, whatever the order of their keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function slotOf(value: unknown): Slot {
  return value === undefined ? ABSENT : value;
}

function plainOf(slot: Slot): unknown {
  return slot === ABSENT ? undefined : slot;
}
