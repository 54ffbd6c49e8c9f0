/** Lines before and after a place that show what it is about. */
const AROUND = 2;
/** Longest test that is shown, in lines. */
const MOST_LINES = 60;

const ASSERTS = /\b(?:expect|assert\w*|should|t\.(?:is|deepEqual|true|false|throws))\b/;

/** The lines around one, without what they are all indented by. @param line from 1; null where there is no such line */
export function linesAround(text: string, line: number): string | null {
  const lines = text.split('\n');
  if (line < 1 || line > lines.length) return null;
  return outdented(lines.slice(Math.max(0, line - 1 - AROUND), line + AROUND));
}

/** A block from its first line to where something stands again that is not deeper: as far as indentation tells. */
export function blockFrom(text: string, line: number): string | null {
  const lines = text.split('\n');
  const first = lines[line - 1];
  if (first === undefined) return null;
  const depth = indentOf(first);
  const rest = lines.slice(line, line + MOST_LINES);
  const end = rest.findIndex((one) => one.trim() !== '' && indentOf(one) <= depth);
  // What closes the block belongs to it; anything else is the next one.
  const last = rest[end] ?? '';
  const size = end < 0 ? rest.length : /^\s*[)\]}]/.test(last) ? end + 1 : end;
  return outdented([first, ...rest.slice(0, size)]);
}

/** Lines that assert something. */
export function assertionsIn(code: string): string[] {
  return code.split('\n').flatMap((line) => (ASSERTS.test(line) ? [line.trim()] : []));
}

function outdented(lines: readonly string[]): string {
  const least = Math.min(...lines.filter((line) => line.trim() !== '').map(indentOf));
  return lines
    .map((line) => line.slice(Number.isFinite(least) ? least : 0).trimEnd())
    .join('\n')
    .trim();
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
