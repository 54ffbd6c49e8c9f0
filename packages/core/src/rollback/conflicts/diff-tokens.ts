import { type Alignment, align } from './align.ts';
import type { DiffToken } from './visual-diff.ts';

/** Words, numbers, single marks and the white space between them. */
const WORDS = /\s+|[\p{L}\p{M}\p{N}_]+|[^\s\p{L}\p{M}\p{N}_]/gu;
/** Characters of two lines together beyond which they are not looked into. */
const MAX_LENGTH = 20_000;

export type TokenSize = 'word' | 'char';

export interface TokenDiff {
  tokens: DiffToken[];
  /** Words or characters, of both lines together, counted once where they are the same. */
  total: number;
  unchanged: number;
  exact: boolean;
}

/** What changed within a line. */
export function diffTokens(original: string, content: string, size: TokenSize): TokenDiff {
  const { stretches, exact } = alignLines(original, content, size);
  const tokens: DiffToken[] = [];
  const place = { original: 0, content: 0 };
  const count = { total: 0, unchanged: 0 };
  const put = (type: DiffToken['type'], items: readonly string[]) => {
    count.total += items.length;
    if (items.length === 0) return;
    const text = items.join('');
    const start = type === 'removed' ? place.original : place.content;
    tokens.push({ text, type, start, end: start + text.length });
    if (type !== 'added') place.original += text.length;
    if (type !== 'removed') place.content += text.length;
  };
  for (const stretch of stretches) {
    if (stretch.same) {
      put('unchanged', stretch.items);
      count.unchanged += stretch.items.length;
    } else {
      put('removed', stretch.removed);
      put('added', stretch.added);
    }
  }
  return { tokens, ...count, exact };
}

function alignLines(original: string, content: string, size: TokenSize): Alignment {
  if (original.length + content.length > MAX_LENGTH && original !== content) {
    const whole = (line: string) => (line === '' ? [] : [line]);
    return { stretches: [{ same: false, removed: whole(original), added: whole(content) }], exact: false };
  }
  return align(itemsOf(original, size), itemsOf(content, size));
}

function itemsOf(line: string, size: TokenSize): string[] {
  return size === 'char' ? [...line] : (line.match(WORDS) ?? []);
}
