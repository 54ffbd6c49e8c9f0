import { inspect } from 'node:util';
import { isPlainObject } from './plain-object.ts';

/**
 * A value as text for people and for comparing sizes: JSON with its keys sorted (RB-147), so that their order is no
 * difference. What JSON does not know (dates, maps, sets, big integers) is shown as the language shows it.
 *
 * @param indent spaces a level; 0 puts all on one line.
 * @throws TypeError where the value holds itself
 */
export function valueText(value: unknown, indent: number = 0): string {
  return print(value, { indent, margin: '', above: [] });
}

interface Place {
  indent: number;
  /** What stands before each line at this depth. */
  margin: string;
  /** The values that hold this one. */
  above: readonly unknown[];
}

function print(value: unknown, place: Place): string {
  if (typeof value !== 'object' || value === null) return isJsonScalar(value) ? JSON.stringify(value) : inspect(value);
  if (place.above.includes(value)) throw new TypeError('The value holds itself and cannot be printed.');
  const inner = { ...place, margin: place.margin + ' '.repeat(place.indent), above: [...place.above, value] };
  if (Array.isArray(value))
    return enclose(
      '[',
      value.map((item) => print(item, inner)),
      ']',
      place,
      inner,
    );
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${print(key, inner)} => ${print(item, inner)}`);
    return enclose('Map {', entries, '}', place, inner);
  }
  if (value instanceof Set)
    return enclose(
      'Set {',
      [...value].map((item) => print(item, inner)),
      '}',
      place,
      inner,
    );
  if (!isPlainObject(value)) return inspect(value);
  const space = place.indent > 0 ? ' ' : '';
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${space}${print(value[key], inner)}`);
  return enclose('{', members, '}', place, inner);
}

function enclose(open: string, items: readonly string[], close: string, outer: Place, inner: Place): string {
  if (items.length === 0) return open + close;
  if (outer.indent === 0) return open + items.join(',') + close;
  return `${open}\n${items.map((item) => inner.margin + item).join(',\n')}\n${outer.margin}${close}`;
}

function isJsonScalar(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}
