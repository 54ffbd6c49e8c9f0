import type { EdgeLocation } from '../vocabulary/edge-place.ts';
import { MOST_PLACES } from '../vocabulary/relationship.ts';
import { cleanPath, cleanPosition, isRecord } from './clean-values.ts';

/** Undefined where nothing usable is left (KG-065). */
export function cleanLocation(value: unknown): EdgeLocation | undefined {
  return isRecord(value) ? locationOf(value.path, value.line, value.column) : undefined;
}

/** {@link cleanLocation} of its parts. */
export function locationOf(path: unknown, line: unknown, column: unknown): EdgeLocation | undefined {
  const location: EdgeLocation = {};
  const clean = { path: cleanPath(path), line: cleanPosition(line), column: cleanPosition(column) };
  if (clean.path !== undefined) location.path = clean.path;
  if (clean.line !== undefined) location.line = clean.line;
  if (clean.column !== undefined) location.column = clean.column;
  return Object.keys(location).length > 0 ? location : undefined;
}

/** Equal for equal places; a line or column 0 is none that is missing (KG-064). */
export function placeKey({ path, line, column }: EdgeLocation = {}): string {
  return JSON.stringify([path ?? null, line ?? null, column ?? null]);
}

type Given = readonly (EdgeLocation | null | undefined)[] | null | undefined;

/** Those of both, in order, each place once, at most `limit` (KG-063). */
export function mergeLocations(a: Given, b: Given, limit: number = MOST_PLACES): EdgeLocation[] {
  const places = new Map<string, EdgeLocation>();
  for (const location of [...(a ?? []), ...(b ?? [])]) {
    if (!location || Object.values(location).every((part) => part === undefined)) continue;
    const key = placeKey(location);
    if (!places.has(key)) places.set(key, location);
  }
  return [...places.values()].slice(0, Math.max(0, limit));
}

/** The clean ones of whatever was given as a list. */
export function cleanLocations(value: unknown): EdgeLocation[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return items.map(cleanLocation).filter((location) => location !== undefined);
}
