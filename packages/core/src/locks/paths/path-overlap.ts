import { type ClaimPath, matcher } from './claim-path.ts';
import { type GlobShape, literalShape, type Part, shapesOf, type Token } from './glob-shape.ts';

/**
 * Whether there may be a path that both name. Conservative (design.md §9): it may say so where there is none, and never
 * misses one. Plainly different names, directories and endings are told apart.
 */
export function overlaps(a: ClaimPath, b: ClaimPath): boolean {
  // The common case, and of sessions that claim as they write a frequent one.
  if (a.kind === 'literal' && b.kind === 'literal') return matcher(a)(b.path) || matcher(b)(a.path);
  const others = shapesOfPath(b);
  return shapesOfPath(a).some((shape) => others.some((other) => meet(shape, other)));
}

function shapesOfPath({ path, kind }: ClaimPath): GlobShape[] {
  return kind === 'literal' ? [literalShape(path)] : shapesOf(path);
}

/** Whether two sequences with wildcards have a common reading. */
function meetSequences<Item>(
  a: readonly Item[],
  b: readonly Item[],
  many: (item: Item) => boolean,
  one: (a: Item, b: Item) => boolean,
): boolean {
  // reached[j]: the first i of a and the first j of b have a common reading.
  let reached = new Array<boolean>(b.length + 1).fill(false);
  reached[0] = true;
  for (let j = 1; j <= b.length; j++) reached[j] = (reached[j - 1] as boolean) && many(b[j - 1] as Item);
  for (let i = 1; i <= a.length; i++) {
    const left = a[i - 1] as Item;
    const next = new Array<boolean>(b.length + 1).fill(false);
    next[0] = (reached[0] as boolean) && many(left);
    for (let j = 1; j <= b.length; j++) {
      const right = b[j - 1] as Item;
      const either = many(left) || many(right);
      next[j] = either
        ? (reached[j] as boolean) || (next[j - 1] as boolean) || (reached[j - 1] as boolean)
        : (reached[j - 1] as boolean) && one(left, right);
    }
    reached = next;
  }
  return reached[b.length] as boolean;
}

function meet(a: GlobShape, b: GlobShape): boolean {
  return meetSequences(a, b, (part) => part === 'globstar', partsMeet);
}

function partsMeet(a: Part, b: Part): boolean {
  if (a === 'globstar' || b === 'globstar') return true;
  return meetSequences(a, b, (token) => token === 'star', tokensMeet);
}

function tokensMeet(a: Token, b: Token): boolean {
  return typeof a === 'string' || typeof b === 'string' || a.char === b.char;
}
