import { align } from './align.ts';
import { diffTokens, type TokenSize } from './diff-tokens.ts';
import { linesOfBoth } from './text-lines.ts';
import type { DiffLine, DiffMetadata } from './visual-diff.ts';

/** RB-150. */
const CONFIDENCE = 95;
/** For what lies between the equal ends of texts that are too different for all they have in common to be looked for. */
const CONFIDENCE_OF_COARSE = 50;

/** Lines with what they come to. */
export interface DiffBody {
  changes: DiffLine[];
  metadata: DiffMetadata;
}

/** Two texts line by line; removed and added lines that meet are paired as modified, with what changed in them (RB-149, RB-150). */
export function diffLines(oldText: string, newText: string): DiffBody {
  const { stretches, exact } = align(...linesOfBoth(oldText, newText));
  const confidence = exact ? CONFIDENCE : CONFIDENCE_OF_COARSE;
  const lines = stretches.flatMap((stretch) =>
    stretch.same
      ? stretch.items.map((content): Unnumbered => ({ type: 'context', content, confidence: CONFIDENCE }))
      : pairUp(stretch.removed, stretch.added, confidence),
  );
  return bodyOf(lines);
}

/** Two short texts as one line with tokens; its similarity is that of its words or characters. */
export function diffWithin(oldText: string, newText: string, size: TokenSize): DiffBody {
  const { tokens, total, unchanged, exact } = diffTokens(oldText, newText, size);
  const confidence = exact ? CONFIDENCE : CONFIDENCE_OF_COARSE;
  const line: Unnumbered =
    oldText === newText
      ? { type: 'context', content: newText, confidence, tokens }
      : { type: 'modified', content: newText, originalContent: oldText, confidence, tokens };
  const body = bodyOf([line]);
  return { ...body, metadata: { ...body.metadata, similarity: percent(unchanged, total) } };
}

export type Unnumbered = Omit<DiffLine, 'lineNumber'>;

/** Numbers the lines of the old side, and counts (RB-151). */
export function bodyOf(lines: readonly Unnumbered[]): DiffBody {
  let lineNumber = 0;
  const changes = lines.map((line) => {
    if (line.type === 'added') return line;
    lineNumber += 1;
    return { lineNumber, ...line };
  });
  const count = (type: DiffLine['type']) => lines.filter((line) => line.type === type).length;
  return {
    changes,
    metadata: {
      totalLines: lines.length,
      addedLines: count('added'),
      removedLines: count('removed'),
      modifiedLines: count('modified'),
      similarity: percent(count('context'), lines.length),
    },
  };
}

/** A line on its own, not paired. */
export function plainLine(type: 'added' | 'removed' | 'context', content: string): Unnumbered {
  return { type, content, confidence: CONFIDENCE };
}

function pairUp(removed: readonly string[], added: readonly string[], confidence: number): Unnumbered[] {
  const pairs = Math.min(removed.length, added.length);
  return [
    ...removed.slice(0, pairs).map((originalContent, at): Unnumbered => {
      const content = added[at] as string;
      const { tokens } = diffTokens(originalContent, content, 'word');
      return { type: 'modified', content, originalContent, confidence, tokens };
    }),
    ...removed.slice(pairs).map((content): Unnumbered => ({ type: 'removed', content, confidence })),
    ...added.slice(pairs).map((content): Unnumbered => ({ type: 'added', content, confidence })),
  ];
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : (part / whole) * 100;
}
