import { valueKind } from './value-kind.ts';

/** A copy that shares nothing changeable with the original, of every kind of value; functions are shared. Cycles stay cycles. */
export function cloneValue<T>(value: T): T {
  return clone(value, new Map()) as T;
}

/** Sets a property as a plain one, also where its name means something to the language (`__proto__`). */
export function setProperty(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

function clone(value: unknown, copies: Map<unknown, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  switch (valueKind(value)) {
    case 'date':
      return new Date((value as Date).getTime());
    case 'regexp':
      return new RegExp((value as RegExp).source, (value as RegExp).flags);
    case 'bytes':
      return structuredClone(value);
    case 'map': {
      const copy = new Map();
      copies.set(value, copy);
      for (const [key, item] of value as Map<unknown, unknown>) copy.set(clone(key, copies), clone(item, copies));
      return copy;
    }
    case 'set': {
      const copy = new Set();
      copies.set(value, copy);
      for (const item of value as Set<unknown>) copy.add(clone(item, copies));
      return copy;
    }
    case 'array': {
      const copy: unknown[] = [];
      copies.set(value, copy);
      for (const item of value as unknown[]) copy.push(clone(item, copies));
      return copy;
    }
    default: {
      const copy = Object.create(Object.getPrototypeOf(value)) as object;
      copies.set(value, copy);
      for (const [name, item] of Object.entries(value)) setProperty(copy, name, clone(item, copies));
      return copy;
    }
  }
}
