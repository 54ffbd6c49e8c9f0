/** What a value is, as precisely as comparisons and messages need it (RB-110). */
export type ValueKind =
  | 'undefined'
  | 'null'
  | 'boolean'
  | 'number'
  | 'bigint'
  | 'string'
  | 'symbol'
  | 'function'
  | 'array'
  | 'date'
  | 'map'
  | 'set'
  | 'regexp'
  | 'bytes'
  | 'object';

/** Kinds with properties or items of their own that a diff descends into; all others are compared and replaced whole. */
export type Container = Record<string, unknown> | unknown[];

export function valueKind(value: unknown): ValueKind {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  if (value instanceof Map) return 'map';
  if (value instanceof Set) return 'set';
  if (value instanceof RegExp) return 'regexp';
  if (ArrayBuffer.isView(value)) return 'bytes';
  return 'object';
}

export function isContainer(value: unknown): value is Container {
  const kind = valueKind(value);
  return kind === 'object' || kind === 'array';
}

/** Name of what made it, by which comparators are found (RB-048); null for what has no maker. */
export function constructorName(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const { constructor: maker } = Object(value) as { constructor?: { name?: unknown } };
  return typeof maker?.name === 'string' ? maker.name : null;
}
