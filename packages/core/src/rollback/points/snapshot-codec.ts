import { createHash } from 'node:crypto';
import { SignalboxError } from '../../platform/errors/index.ts';
import { setProperty, valueKind } from '../diff/index.ts';

/** Marks an object that stands for a value which JSON has no word for. Objects with such a key of their own are wrapped. */
const TAG = '__type';
/** Levels that are taken; deeper values would overflow the stack. */
const MAX_DEPTH = 500;

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/**
 * A value as canonical JSON text (RB-035…037): keys sorted, so that equal values give equal texts; dates, maps, sets,
 * undefined, NaN, infinities, -0, big integers, expressions and bytes as tagged objects.
 * @throws SNAPSHOT_SERIALIZATION_FAILED for functions, symbols, values that contain themselves, and no value at all
 */
export function encodeSnapshot(value: unknown): string {
  if (value === undefined) throw refused([], 'there is no value');
  return JSON.stringify(toJson(value, [], new Set()));
}

/** The value that {@link encodeSnapshot} was given. */
export function decodeSnapshot(text: string): unknown {
  return fromJson(JSON.parse(text) as Json);
}

/** A value in the JSON form of {@link encodeSnapshot}, for the wire. Absent values stay absent. */
export function wireValue(value: unknown): Json | undefined {
  return value === undefined ? undefined : toJson(value, [], new Set());
}

/** SHA-256 of a snapshot's text, in hexadecimal digits (RB-039). */
export function checksumOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function toJson(value: unknown, path: readonly string[], open: Set<unknown>): Json {
  switch (valueKind(value)) {
    case 'null':
    case 'boolean':
    case 'string':
      return value as Json;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? (value as number)
        : tagged('Number', numberName(value as number));
    case 'undefined':
      return tagged('Undefined', null);
    case 'bigint':
      return tagged('BigInt', String(value));
    case 'date':
      return tagged('Date', Number.isNaN((value as Date).getTime()) ? null : (value as Date).toISOString());
    case 'regexp':
      return tagged('RegExp', [(value as RegExp).source, (value as RegExp).flags]);
    case 'bytes':
      return tagged('Bytes', [bytesName(value as ArrayBufferView, path), base64(value as ArrayBufferView)]);
    case 'function':
    case 'symbol':
      throw refused(path, `a ${typeof value} cannot be kept`);
    default:
      return nested(value as object, path, open);
  }
}

function nested(value: object, path: readonly string[], open: Set<unknown>): Json {
  if (open.has(value)) throw refused(path, 'it contains itself');
  if (path.length >= MAX_DEPTH) throw refused(path.slice(0, 8), `it nests deeper than ${MAX_DEPTH} levels`);
  open.add(value);
  const inside = (item: unknown, step: string | number) => toJson(item, [...path, String(step)], open);
  const json = container(value, path, inside);
  open.delete(value);
  return json;
}

function container(
  value: object,
  path: readonly string[],
  inside: (item: unknown, step: string | number) => Json,
): Json {
  if (Array.isArray(value)) return Array.from(value, inside);
  if (value instanceof Set) return tagged('Set', Array.from(value, inside));
  if (value instanceof Map) {
    return tagged(
      'Map',
      Array.from(value, ([key, item], at) => [inside(key, at), inside(item, String(key))]),
    );
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refused(path, 'objects of a class cannot be kept');
  const json: { [name: string]: Json } = {};
  for (const name of Object.keys(value).sort()) {
    setProperty(json, name, inside((value as Record<string, unknown>)[name], name));
  }
  return Object.hasOwn(json, TAG) ? tagged('Object', json) : json;
}

function tagged(type: string, data: Json): Json {
  return { [TAG]: type, data };
}

const NUMBERS = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

function numberName(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

const BYTES = {
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

function bytesName(value: ArrayBufferView, path: readonly string[]): string {
  const name = Object.prototype.toString.call(value).slice('[object '.length, -1);
  if (!Object.hasOwn(BYTES, name)) throw refused(path, `a ${name} cannot be kept`);
  return name;
}

function base64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function fromJson(json: Json): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(fromJson);
  if (Object.hasOwn(json, TAG)) return fromTag(json as { [TAG]: string; data: Json });
  return plainObject(json);
}

function plainObject(json: { [name: string]: Json }): Record<string, unknown> {
  const value = {};
  for (const [name, item] of Object.entries(json)) setProperty(value, name, fromJson(item));
  return value;
}

function fromTag({ [TAG]: type, data }: { [TAG]: string; data: Json }): unknown {
  switch (type) {
    case 'Object':
      return plainObject(data as { [name: string]: Json });
    case 'Number':
      return NUMBERS.get(data as string);
    case 'Undefined':
      return undefined;
    case 'BigInt':
      return BigInt(data as string);
    case 'Date':
      return new Date(data === null ? Number.NaN : (data as string));
    case 'RegExp':
      return new RegExp(...(data as [string, string]));
    case 'Set':
      return new Set((data as Json[]).map(fromJson));
    case 'Map':
      return new Map((data as [Json, Json][]).map(([key, item]) => [fromJson(key), fromJson(item)]));
    case 'Bytes':
      return bytes(...(data as [keyof typeof BYTES, string]));
    default:
      throw new SyntaxError(`there are no values of type "${type}" in snapshots`);
  }
}

function bytes(name: keyof typeof BYTES, text: string): ArrayBufferView {
  const { buffer, byteOffset, byteLength } = Buffer.from(text, 'base64');
  return new BYTES[name](buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
}

function refused(path: readonly string[], reason: string): SignalboxError {
  return new SignalboxError('SNAPSHOT_SERIALIZATION_FAILED', { path: path.join('.'), reason });
}
