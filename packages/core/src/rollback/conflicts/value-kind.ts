/** What a value is, as precisely as conflicts tell it apart. */
export type ValueKind =
  | 'absent'
  | 'null'
  | 'boolean'
  | 'number'
  | 'bigint'
  | 'string'
  | 'array'
  | 'object'
  | 'date'
  | 'map'
  | 'set'
  | 'other';

/** A plain object: one whose keys are its content. */
export type PlainObject = Record<string, unknown>;

export function kindOf(value: unknown): ValueKind {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  if (value instanceof Map) return 'map';
  if (value instanceof Set) return 'set';
  if (isPlainObject(value)) return 'object';
  const type = typeof value;
  return type === 'boolean' || type === 'number' || type === 'bigint' || type === 'string' ? type : 'other';
}

export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
