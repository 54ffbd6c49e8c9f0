/** The `id` of each item where all items have one and no two the same; null where items can only be told apart by position. */
export function itemIds(items: readonly unknown[]): (string | number)[] | null {
  const ids: (string | number)[] = [];
  for (const item of items) {
    if (typeof item !== 'object' || item === null || !Object.hasOwn(item, 'id')) return null;
    const { id } = item as { id: unknown };
    if (typeof id !== 'string' && typeof id !== 'number') return null;
    ids.push(id);
  }
  return new Set(ids).size === ids.length ? ids : null;
}

/**
 * Which of these distinct numbers form a longest rising sequence: items at those places keep their order, and the fewest
 * others have to move.
 */
export function longestRising(numbers: readonly number[]): Set<number> {
  /** `tails[n]`: where the lowest end of a rising sequence of n + 1 numbers stands. */
  const tails: number[] = [];
  const before: (number | undefined)[] = [];
  const numberAt = (index: number) => numbers[index] as number;
  for (const [index, number] of numbers.entries()) {
    let low = 0;
    for (let high = tails.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (numberAt(tails[middle] as number) < number) low = middle + 1;
      else high = middle;
    }
    before[index] = tails[low - 1];
    tails[low] = index;
  }
  const rising = new Set<number>();
  for (let index = tails.at(-1); index !== undefined; index = before[index]) rising.add(numberAt(index));
  return rising;
}
