import { isPlainObject, type PlainObject } from './plain-object.ts';

/** What a value consists of, by the name that says which is which: keys of an object, ids of an array's items. */
export type Members = ReadonlyMap<unknown, unknown>;

export function membersOfObject(value: PlainObject): Members {
  return new Map(Object.entries(value));
}

/** Items by their `id`; null unless all are objects with an id (text or number) of their own (RB-137). */
export function membersOfArray(items: readonly unknown[]): Members | null {
  const members = new Map<unknown, unknown>();
  for (const item of items) {
    const id = isPlainObject(item) && Object.hasOwn(item, 'id') ? item.id : undefined;
    if ((typeof id !== 'string' && typeof id !== 'number') || members.has(id)) return null;
    members.set(id, item);
  }
  return members;
}

/** Names of both: those of the first in its order, each of the others behind the one that it follows in the second. */
export function unionOf(first: Members, second: Members): unknown[] {
  const names = [...first.keys()];
  let place = 0;
  for (const name of second.keys()) {
    if (first.has(name)) place = names.indexOf(name) + 1;
    else names.splice(place++, 0, name);
  }
  return names;
}
