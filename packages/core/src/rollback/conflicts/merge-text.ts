import { diff3Merge } from 'node-diff3';
import { align } from './align.ts';
import type { MergeSettings } from './merge-settings.ts';
import { otherSide, preferredSide, type Side } from './preference.ts';
import { linesOf } from './text-lines.ts';

export interface MergedText {
  text: string;
  /** Lines of the side that was not preferred, where both could not be kept. */
  droppedLines: number;
  /** Places that preference alone settled, and the side that it is for. */
  preferred: number;
  side: Side;
}

/**
 * Two texts in one, line by line. With what both come from it is a three-way merge, and only what both changed is settled
 * by preference; without it nothing tells a line that one side removed from one that the other added, so that each
 * place where they differ goes to the preferred side (RB-139, RB-140).
 */
export function mergeText(settings: MergeSettings, current: string, rollback: string, base?: string): MergedText {
  const side = preferredSide(settings, current, rollback);
  const texts = { current, rollback };
  if (base === undefined) {
    const lost = lostLines(linesOf(texts[otherSide(side)]), linesOf(texts[side]));
    return { text: texts[side], droppedLines: lost.lines, preferred: lost.places, side };
  }
  const regions = diff3Merge(current.split('\n'), base.split('\n'), rollback.split('\n'), {
    excludeFalseConflicts: true,
  });
  const merged: string[] = [];
  const total = { droppedLines: 0, preferred: 0 };
  for (const { ok, conflict } of regions) {
    if (ok) merged.push(...ok);
    if (!conflict) continue;
    const hunk = { current: conflict.a, rollback: conflict.b };
    merged.push(...hunk[side]);
    total.droppedLines += lostLines(hunk[otherSide(side)], hunk[side]).lines;
    total.preferred += 1;
  }
  return { text: merged.join('\n'), ...total, side };
}

/** Lines that go when one text gives way to the other, and the places where they differ. */
function lostLines(loser: readonly string[], winner: readonly string[]): { lines: number; places: number } {
  const differences = align(loser, winner).stretches.filter((stretch) => !stretch.same);
  return { lines: differences.reduce((sum, { removed }) => sum + removed.length, 0), places: differences.length };
}
