/**
 * What was shown before, while the next is fetched: only where its key begins with the same. A view that stays while its project or
 * session changes would else show what belongs to another one.
 */
export function keepPrevious(prefix: readonly unknown[]) {
  return <Data>(before: Data | undefined, query?: { queryKey: readonly unknown[] }): Data | undefined =>
    query !== undefined && prefix.every((part, n) => part === query.queryKey[n]) ? before : undefined;
}
