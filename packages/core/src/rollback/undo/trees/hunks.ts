import { git } from '../../../workspaces/index.ts';
import type { ScratchStore } from './scratch-store.ts';

/** A stretch of lines before and after a change: from index `start`, `count` of them. */
interface Hunk {
  before: { start: number; count: number };
  after: { start: number; count: number };
}

const HEADER = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** The hunks of a change as its unified diff numbers them, from 1. */
export async function hunksBetween(store: ScratchStore, before: string, after: string): Promise<Hunk[]> {
  const patch = await git(['diff', '--no-color', '--no-ext-diff', '--no-textconv', before, after], store.call);
  const hunks: Hunk[] = [];
  for (const line of patch.toString('latin1').split('\n')) {
    const found = HEADER.exec(line);
    if (!found) continue;
    const [, oldStart, oldCount, newStart, newCount] = found;
    hunks.push({ before: range(oldStart, oldCount), after: range(newStart, newCount) });
  }
  return hunks;
}

/** Git counts lines from 1, and names the line before where there are none. */
function range(start = '0', count = '1'): { start: number; count: number } {
  return { start: Number(count) === 0 ? Number(start) : Number(start) - 1, count: Number(count) };
}

/** The content after a change with some of its hunks taken back. */
export function takeBack(before: Buffer, after: Buffer, hunks: readonly Hunk[]): Buffer {
  const [old, lines] = [linesOf(before), linesOf(after)];
  for (const hunk of [...hunks].sort((a, b) => b.after.start - a.after.start)) {
    const back = old.slice(hunk.before.start, hunk.before.start + hunk.before.count);
    lines.splice(hunk.after.start, hunk.after.count, ...back);
  }
  return Buffer.from(lines.join(''), 'latin1');
}

/** Lines with their ends, byte by byte. */
function linesOf(content: Buffer): string[] {
  return content.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
