/** One line of a unified diff; numbers are those of the file before and after. */
export interface DiffLine {
  kind: 'context' | 'add' | 'delete' | 'hunk' | 'note';
  text: string;
  before: number | null;
  after: number | null;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/;

/**
 * Reads a unified diff. What stands before the first hunk (file names, modes) is left out: the page says it in its own
 * words. Lines that fit nowhere become notes, so that nothing is hidden.
 */
export function parseUnifiedDiff(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let before = 0;
  let after = 0;
  let inside = false;
  const all = diff.split('\n');
  if (all.at(-1) === '') all.pop();
  for (const line of all) {
    const hunk = HUNK.exec(line);
    if (hunk !== null) {
      inside = true;
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      lines.push({ kind: 'hunk', text: line, before: null, after: null });
    } else if (inside) {
      inside = !line.startsWith('diff ');
      const read = inside ? readLine(line, before, after) : null;
      if (read === null) continue;
      if (read.before !== null) before++;
      if (read.after !== null) after++;
      lines.push(read);
    }
  }
  return lines;
}

/** A line inside a hunk; `before` and `after` are the numbers that come next on either side. */
function readLine(line: string, before: number, after: number): DiffLine {
  const text = line.slice(1);
  switch (line.charAt(0)) {
    case '+':
      return { kind: 'add', text, before: null, after };
    case '-':
      return { kind: 'delete', text, before, after: null };
    case '':
    case ' ':
      return { kind: 'context', text, before, after };
    default:
      return { kind: 'note', text: line.replace(/^\\ /, ''), before: null, after: null };
  }
}
