/**
 * Addresses as people read and type them: `?status=running,failed&q=invoice`. Every value is text; what it means is the
 * view's business. TanStack Router would write JSON.
 */
export type Search = Record<string, string | undefined>;

export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  // Commas are safe in a query and easier to read than %2C.
  const text = params.toString().replaceAll('%2C', ',');
  return text === '' ? '' : `?${text}`;
}

/** Parameters that may be missing; leaving one out and giving `undefined` mean the same. */
export type Picked<Name extends string> = { [Key in Name]?: string | undefined };

/** Picks the named parameters out of whatever an address holds; others are dropped. */
export function searchOf<Name extends string>(names: readonly Name[]) {
  return (search: Record<string, unknown>): Picked<Name> => {
    const picked: Picked<Name> = {};
    for (const name of names) {
      const value = search[name];
      if (value !== undefined && value !== '') picked[name] = String(value);
    }
    return picked;
  };
}
