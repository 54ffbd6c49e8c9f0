/** Deepest nesting of JSON that is taken; beyond it parsers begin to overflow their stacks. */
export const MAX_JSON_DEPTH = 100;

/** In JSON text: an escaped NUL, or a surrogate without its partner (`JSON.stringify` escapes nothing else this way). */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

/** Why PostgreSQL would not take this JSON text, or null when it would. */
export function whyUnstorable(text: string): string | null {
  return UNSTORABLE.test(text) ? 'text must not contain NUL characters or half surrogate pairs' : null;
}

/** Whether `value` nests deeper than {@link MAX_JSON_DEPTH}; safe on any depth. */
export function isTooDeep(value: unknown, left: number = MAX_JSON_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  return Object.values(value).some((item) => isTooDeep(item, left - 1));
}

/** Text that PostgreSQL can store: NUL and half surrogate pairs become U+FFFD. For output of programs, which may be anything. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** {@link storableText} in every string and key of a JSON value. */
export function storableJson<T>(value: T): T {
  return replaced(value) as T;
}

function replaced(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(replaced);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [storableText(name), replaced(item)]));
}
