import { describe, expect, it } from 'vitest';
import { CommandSyntaxError, commandWords } from './command-words.ts';

describe('words of a command line', () => {
  it('keeps quoted words together and empty ones', () => {
    expect(commandWords(`sh -c 'npm test && echo "done"' "" a\\ b`)).toEqual([
      'sh',
      '-c',
      'npm test && echo "done"',
      '',
      'a b',
    ]);
  });

  it('joins what touches a quote', () => {
    expect(commandWords(`--name="a b"c`)).toEqual(['--name=a bc']);
  });

  it('gives no words for blanks', () => {
    expect(commandWords('  \n ')).toEqual([]);
  });

  it('refuses a quote that is not closed', () => {
    expect(() => commandWords(`echo 'a`)).toThrow(CommandSyntaxError);
  });
});
