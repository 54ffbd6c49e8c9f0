import { describe, expect, it } from 'vitest';
import { firstLines, plainText } from './plain-text.ts';

describe('output as text', () => {
  it('takes colours, cursor moves and links away and leaves the words', () => {
    expect(plainText('\u001b[1;31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007 \u001b[2Kok')).toBe(
      'red link ok',
    );
  });

  it('shows the last state of a line that was written over', () => {
    expect(plainText('10%\r50%\r100%\r\nnext')).toBe('100%\nnext');
  });

  it('counts lines without the one after the last line end', () => {
    expect(firstLines('a\nb\nc\n', 2)).toEqual({ shown: 'a\nb', lines: 3 });
  });
});
