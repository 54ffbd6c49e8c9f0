/** A batcher refuses more than 10,000 calls that wait. */
const AT_ONCE = 5_000;

/** Calls `make` for each number below `count`, no more at once than may wait. Answers in their order. */
export async function inParts<T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) {
    const part = Math.min(AT_ONCE, count - made.length);
    made.push(...(await Promise.all(Array.from({ length: part }, (_, n) => make(made.length + n)))));
  }
  return made;
}
