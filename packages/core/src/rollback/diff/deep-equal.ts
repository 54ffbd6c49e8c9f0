import { constructorName, valueKind } from './value-kind.ts';

export type Comparator = (left: unknown, right: unknown) => boolean;

export interface EqualityRules {
  /** Properties that make no difference. */
  ignored: ReadonlySet<string>;
  /** By the name of what made the left value, or `*` for all; where one applies it decides (RB-048). */
  comparators: ReadonlyMap<string, Comparator>;
}

const EXACT: EqualityRules = { ignored: new Set(), comparators: new Map() };

/**
 * Whether two values are the same all the way down: absent is not undefined, NaN is NaN, -0 is not 0; dates, maps, sets,
 * expressions and bytes by what they hold (RB-052, RB-054). Safe on values that contain themselves.
 */
export function deepEqual(left: unknown, right: unknown, rules: EqualityRules = EXACT): boolean {
  return equal(left, right, rules, new Map());
}

/** What a caller's comparator says of two values; null where there is none for them. */
export function compared(left: unknown, right: unknown, { comparators }: EqualityRules): boolean | null {
  if (comparators.size === 0) return null;
  const comparator = comparators.get(constructorName(left) ?? '') ?? comparators.get('*');
  return comparator ? comparator(left, right) : null;
}

/** Pairs that are being compared further up: meeting one again says nothing new. */
type Pairs = Map<unknown, Set<unknown>>;

function equal(left: unknown, right: unknown, rules: EqualityRules, pairs: Pairs): boolean {
  const decided = compared(left, right, rules);
  if (decided !== null) return decided;
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  const kind = valueKind(left);
  if (kind !== valueKind(right) || Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  if (seen(pairs, left, right)) return true;
  const same = (a: unknown, b: unknown) => equal(a, b, rules, pairs);
  switch (kind) {
    case 'date':
      return Object.is((left as Date).getTime(), (right as Date).getTime());
    case 'regexp':
      return String(left) === String(right);
    case 'bytes':
      return sameBytes(left as ArrayBufferView, right as ArrayBufferView);
    case 'map':
      return sameEntries([...(left as Map<unknown, unknown>)], [...(right as Map<unknown, unknown>)], same);
    case 'set':
      return sameEntries([...(left as Set<unknown>)], [...(right as Set<unknown>)], same);
    case 'array':
      return sameItems(left as unknown[], right as unknown[], same);
    default:
      return sameProperties(left as Record<string, unknown>, right as Record<string, unknown>, rules, same);
  }
}

function seen(pairs: Pairs, left: unknown, right: unknown): boolean {
  const known = pairs.get(left) ?? new Set();
  if (known.has(right)) return true;
  known.add(right);
  pairs.set(left, known);
  return false;
}

function sameBytes(left: ArrayBufferView, right: ArrayBufferView): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => Buffer.from(buffer, byteOffset, byteLength);
  return bytes(left).equals(bytes(right));
}

/** In order, since maps and sets keep one, and a copy must keep it too. */
function sameEntries(left: unknown[], right: unknown[], same: Comparator): boolean {
  return left.length === right.length && left.every((item, index) => same(item, right[index]));
}

function sameItems(left: unknown[], right: unknown[], same: Comparator): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) {
    if (!same(left[index], right[index])) return false;
  }
  return true;
}

function sameProperties(
  left: Record<string, unknown>,
  right: Record<string, unknown>,
  { ignored }: EqualityRules,
  same: Comparator,
): boolean {
  const names = Object.keys(left).filter((name) => !ignored.has(name));
  const others = Object.keys(right).filter((name) => !ignored.has(name));
  return (
    names.length === others.length && names.every((name) => Object.hasOwn(right, name) && same(left[name], right[name]))
  );
}
