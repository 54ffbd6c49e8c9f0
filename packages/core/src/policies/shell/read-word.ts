import type { Node } from 'web-tree-sitter';
import type { Word } from './simple-command.ts';

/** Nodes whose value only the shell knows. */
const EXPANSIONS = new Set([
  'simple_expansion',
  'expansion',
  'arithmetic_expansion',
  'command_substitution',
  'process_substitution',
]);
/** Characters that the shell replaces by names of files or by several words, where they stand outside of quotes. */
const UNQUOTED_EXPANSION = /[*?[\]{}]/;
const ANSI_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** A word as the program gets it: quotes and escapes resolved. */
export function readWord(node: Node): Word & { expands: boolean } {
  if (EXPANSIONS.has(node.type)) return { text: node.text, dynamic: true, expands: false };
  switch (node.type) {
    case 'raw_string':
      return fixed(node.text.slice(1, -1));
    case 'ansi_c_string':
      return fixed(ansiC(node.text.slice(2, -1)));
    case 'translated_string':
    case 'string':
      return readString(node);
    case 'concatenation':
    case 'command_name':
      return joined(node);
    default:
      return bare(node.text);
  }
}

/** A bare piece: backslashes quote, and some characters make the shell look for files. */
function bare(source: string): Word & { expands: boolean } {
  let text = '';
  let expands = false;
  for (let at = 0; at < source.length; at++) {
    const character = source.charAt(at);
    if (character === '\\') {
      at++;
      if (source.charAt(at) !== '\n') text += source.charAt(at);
    } else {
      expands ||= UNQUOTED_EXPANSION.test(character);
      text += character;
    }
  }
  return { text, dynamic: false, expands };
}

function readString(node: Node): Word & { expands: boolean } {
  const dynamic = node.namedChildren.some((child) => child && EXPANSIONS.has(child.type));
  const inner = node.text.replace(/^\$?"/, '').replace(/"$/, '');
  return {
    text: inner.replace(/\\([$`"\\\n])/g, (_all, one: string) => (one === '\n' ? '' : one)),
    dynamic,
    expands: false,
  };
}

/** Pieces side by side; what stands between them (as in `{a,b}`) belongs to the word. */
function joined(node: Node): Word & { expands: boolean } {
  return node.children.reduce((word, child) => (child ? joinWords(word, readWord(child)) : word), fixed(''));
}

export function joinWords(one: Word & { expands?: boolean }, next: Word & { expands?: boolean }) {
  return {
    text: one.text + next.text,
    dynamic: one.dynamic || next.dynamic,
    expands: (one.expands ?? false) || (next.expands ?? false),
  };
}

function fixed(text: string): Word & { expands: boolean } {
  return { text, dynamic: false, expands: false };
}

function ansiC(source: string): string {
  return source.replace(
    /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|([\s\S]))/g,
    (_all, hex?: string, short?: string, long?: string, octal?: string, one?: string) => {
      const code = hex ?? short ?? long;
      if (code !== undefined) return codePoint(Number.parseInt(code, 16));
      if (octal !== undefined) return codePoint(Number.parseInt(octal, 8) & 0xff);
      return ANSI_ESCAPES[one as string] ?? (one as string);
    },
  );
}

function codePoint(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
