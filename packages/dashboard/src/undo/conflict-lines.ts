/** A line of one side of a conflict; `differs` where the other side has something else there. */
export interface SideLine {
  text: string;
  differs: boolean;
}

/**
 * Two texts as lines, each marked where the other differs. What both begin and end with is the same; in between, a line
 * that the other side has as well is the same too, wherever it stands.
 */
export function sideLines(left: string, right: string): { left: SideLine[]; right: SideLine[] } {
  const a = left.split('\n');
  const b = right.split('\n');
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const mark = (lines: string[], other: string[]): SideLine[] => {
    const there = new Set(other.slice(start, other.length - end));
    return lines.map((text, index) => ({
      text,
      differs: index >= start && index < lines.length - end && !there.has(text),
    }));
  };
  return { left: mark(a, b), right: mark(b, a) };
}

const SIDES: Readonly<Record<string, string>> = { '<': 'now', '|': 'after the change', '>': 'old' };

/** A merge that could not be decided with its sides named as they are here, in place of git's names of objects. */
export function withNamedSides(merged: string): string {
  return merged.replace(
    /^([<|>])\1{6} [0-9a-f]{40,64}(:.*)?$/gm,
    (_, sign: string) => `${sign.repeat(7)} ${SIDES[sign]}`,
  );
}

/** Whether a text still holds marks that git puts into a merge where it could not decide. */
export function hasMarkers(text: string): boolean {
  return /^(<{7}|>{7})( |$)/m.test(text);
}
