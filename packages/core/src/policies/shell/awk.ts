import { hasOption, readOptions } from './options.ts';
import type { Word } from './simple-command.ts';
import type { Writing } from './writers.ts';

const VALUED = ['-F', '--field-separator', '-v', '--assign', '-f', '--file', '-i', '--include', '-l', '--load', '-E'];

/** The files that its program prints to, and with `-i inplace` those that it reads. */
export function readAwkCommand(words: readonly Word[]): Writing {
  const { program, operands, given } = parts(words);
  const inPlace = given.some(({ option, value }) => /^(-i|--include)$/.test(option) && value.text === 'inplace');
  const printed = program && !program.dynamic ? readAwk(program.text).writes : [];
  const files = operands.filter(({ text }) => !/^[A-Za-z_]\w*=/.test(text));
  return { writer: { operands: 'all' }, words: [...printed, ...(inPlace ? files : [])] };
}

/** Why it is not seen what awk does: its program runs commands, or is only known to the shell; null where it is, or stands in a file. */
export function hiddenAwk(words: readonly Word[]): string | null {
  const { program, given } = parts(words);
  if (given.some(({ option }) => option === '-l' || option === '--load')) return 'awk loads what is not seen here';
  if (!program) return null;
  if (program.dynamic) return 'what awk runs is only known to the shell';
  return readAwk(program.text).hidden;
}

function parts(words: readonly Word[]) {
  const { operands, given } = readOptions(words, VALUED);
  const filed =
    given.some(({ option }) => /^(-f|--file|-E)$/.test(option)) || hasOption(words, '', ['--version', '--help']);
  return filed
    ? { program: null, operands, given }
    : { program: operands[0] ?? null, operands: operands.slice(1), given };
}

/** Behind these a slash begins a pattern; behind a value it divides. */
const BEFORE_PATTERN = /(^|[(,~!&|{};=?:\n+*<>-]|\b(?:print|printf|return|in))\s*$/;
const TOKEN = /"(?:\\[\s\S]|[^"\\])*"|[A-Za-z_@]\w*|\|\||>>|[\s\S]/y;
const PATTERN = /\/(?:\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|[^/\\\n[])*\//y;

/**
 * What a program in awk writes: in a `print` a `>` outside of brackets leads to a file. `hidden` tells why the rest cannot be
 * seen: it runs commands, or includes what stands elsewhere.
 */
export function readAwk(source: string): { writes: Word[]; hidden: string | null } {
  const tokens = tokensOf(source);
  if (tokens === null) return { writes: [], hidden: 'the program of awk cannot be read' };
  const hidden = tokens.some((token) => token === '|' || token === 'system' || token.startsWith('@'));
  const writes: Word[] = [];
  let depth = 0;
  let printing = false;
  for (const [at, token] of tokens.entries()) {
    if (token === 'print' || token === 'printf') [printing, depth] = [true, 0];
    else if (/^[;}\n]$/.test(token)) printing = false;
    else if (/^[([]$/.test(token)) depth++;
    else if (/^[)\]]$/.test(token)) depth--;
    else if (printing && depth === 0 && /^>>?$/.test(token)) writes.push(target(tokens, at + 1));
  }
  return { writes, hidden: hidden ? 'awk runs commands' : null };
}

/** A text alone names the file; whatever else is only known when it runs. */
function target(tokens: readonly string[], at: number): Word {
  const named = tokens[at] ?? '';
  const alone = named.startsWith('"') && /^[;}\n]?$/.test(tokens[at + 1] ?? '') && !named.includes('\\');
  return alone ? { text: named.slice(1, -1), dynamic: false } : { text: named, dynamic: true };
}

/** Without blanks, comments and patterns; null where it cannot be taken apart. */
function tokensOf(source: string): string[] | null {
  const tokens: string[] = [];
  for (let at = 0; at < source.length; ) {
    const character = source.charAt(at);
    if (character === '#') {
      const end = source.indexOf('\n', at);
      at = end < 0 ? source.length : end;
      continue;
    }
    const isPattern = character === '/' && BEFORE_PATTERN.test(source.slice(Math.max(0, at - 80), at));
    const expression = isPattern ? PATTERN : TOKEN;
    expression.lastIndex = at;
    const [token] = expression.exec(source) ?? [];
    if (token === undefined || token === '"') return null;
    at += token.length;
    if (token === '\\' && source.charAt(at) === '\n') at++;
    else if (isPattern) tokens.push('/');
    else if (!/^[ \t\r]$/.test(token)) tokens.push(token);
  }
  return tokens;
}
