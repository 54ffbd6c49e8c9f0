import { isDeepStrictEqual } from 'node:util';
import { valueKind } from '../diff/index.ts';
import { bodyOf, type DiffBody, plainLine, type Unnumbered } from './diff-lines.ts';
import { type Members, membersOfArray, membersOfObject } from './members.ts';
import { isPlainObject } from './plain-object.ts';
import { valueText } from './value-text.ts';

/**
 * Two values by what they mean (RB-148): of another kind, of the same kind but different, or equal; of objects and arrays each
 * property by its path.
 */
export function diffSemantically(old: unknown, current: unknown): DiffBody {
  if (valueKind(old) !== valueKind(current)) {
    return bodyOf([plainLine('removed', kindAndValue(old)), plainLine('added', kindAndValue(current))]);
  }
  return bodyOf(differences(old, current, ''));
}

function differences(old: unknown, current: unknown, path: string): Unnumbered[] {
  if (isDeepStrictEqual(old, current)) return [plainLine('context', at(path, current))];
  const [before, after] = [membersOf(old), membersOf(current)];
  if (before && after && valueKind(old) === valueKind(current)) {
    const names = [...new Set([...before.keys(), ...after.keys()])];
    return names.flatMap((name) =>
      differences(before.get(name), after.get(name), pathTo(path, name, Array.isArray(old))),
    );
  }
  return [
    ...(old === undefined ? [] : [plainLine('removed', at(path, old))]),
    ...(current === undefined ? [] : [plainLine('added', at(path, current))]),
  ];
}

function membersOf(value: unknown): Members | null {
  if (isPlainObject(value)) return membersOfObject(value);
  return Array.isArray(value) ? (membersOfArray(value) ?? new Map(value.entries())) : null;
}

function pathTo(path: string, name: unknown, inArray: boolean): string {
  if (inArray) return `${path}[${String(name)}]`;
  const key = /^[\w$-]+$/.test(String(name)) ? String(name) : `[${JSON.stringify(name)}]`;
  return path === '' || key.startsWith('[') ? path + key : `${path}.${key}`;
}

function at(path: string, value: unknown): string {
  return path === '' ? valueText(value) : `${path}: ${valueText(value)}`;
}

function kindAndValue(value: unknown): string {
  if (value === undefined) return 'absent';
  return value === null ? 'null' : `${valueKind(value)}: ${valueText(value)}`;
}
