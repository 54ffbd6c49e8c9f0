/**
 * The one way to write a JSON value: keys in order, no white space. Values that are equal have equal bytes, and so one digest.
 * What JSON leaves out (`undefined`, functions) is left out here too; `toJSON` is honoured.
 */
export function canonicalJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value, inOrder) ?? 'null');
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const sorted = entries.every(([name], index) => index === 0 || (entries[index - 1]?.[0] ?? '') <= name);
  return sorted ? value : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
