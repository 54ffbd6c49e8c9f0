/** A row in the shape of the wire: camelCase keys, times as ISO 8601 UTC. JSON values are left verbatim (design.md §9). */
export type CamelRow = Record<string, unknown>;

const names = new Map<string, string>();

/** The one place where snake_case columns become camelCase fields. */
export function camelRow(row: Record<string, unknown>): CamelRow {
  const mapped: CamelRow = {};
  for (const [column, value] of Object.entries(row)) {
    mapped[camelName(column)] = value instanceof Date ? value.toISOString() : value;
  }
  return mapped;
}

/** `created_at` → `createdAt`. */
export function camelName(column: string): string {
  let name = names.get(column);
  if (name === undefined) {
    name = column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    names.set(column, name);
  }
  return name;
}
