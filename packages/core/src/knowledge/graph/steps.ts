/** Of what is done of many things without looking up: a millisecond's work, about. */
export const STEP = 4_096;

/** Work in steps, all at once. */
export function finished<Result>(work: Generator<void, Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Does something for each number below the count. */
export function* each(count: number, act: (place: number) => unknown): Generator<void, void> {
  for (let from = 0; from < count; from += STEP) {
    const end = Math.min(count, from + STEP);
    for (let place = from; place < end; place += 1) act(place);
    yield;
  }
}

/** The texts in the order of their UTF-16 units: pieces are sorted, and merged two by two. */
export function* sorted(texts: readonly string[]): Generator<void, string[]> {
  let from = [...texts];
  for (let begin = 0; begin < from.length; begin += STEP) {
    const piece = from.slice(begin, begin + STEP).sort();
    for (const [n, text] of piece.entries()) from[begin + n] = text;
    yield;
  }
  for (let size = STEP; size < from.length; size *= 2) {
    const to = new Array<string>(from.length);
    for (let begin = 0; begin < from.length; begin += 2 * size) {
      yield* merged(from, to, begin, Math.min(begin + size, from.length), Math.min(begin + 2 * size, from.length));
    }
    from = to;
  }
  return from;
}

function* merged(
  from: readonly string[],
  to: string[],
  begin: number,
  middle: number,
  end: number,
): Generator<void, void> {
  let [left, right] = [begin, middle];
  yield* each(end - begin, (n) => {
    const isLeft = left < middle && (right >= end || (from[left] ?? '') <= (from[right] ?? ''));
    to[begin + n] = from[isLeft ? left : right] ?? '';
    if (isLeft) left += 1;
    else right += 1;
  });
}
