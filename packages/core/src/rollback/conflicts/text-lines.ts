/** A text as lines. The end of the last line stands for itself: `a\n` is the lines `a` and ``; nothing at all is no line. */
export function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

/**
 * Two texts as lines to be compared. A final line end that both have is none of them; one that only one has shows as an
 * empty line.
 */
export function linesOfBoth(left: string, right: string): [string[], string[]] {
  if (left.endsWith('\n') && right.endsWith('\n')) return [linesOf(left.slice(0, -1)), linesOf(right.slice(0, -1))];
  return [linesOf(left), linesOf(right)];
}
