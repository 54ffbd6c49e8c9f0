import type { Node } from 'web-tree-sitter';
import { baseName, lookThrough } from './look-through.ts';
import { joinWords, readWord } from './read-word.ts';
import { parseShell } from './shell-parser.ts';
import type { SimpleCommand, Word } from './simple-command.ts';
import { isNoFile, writtenBy } from './written-files.ts';

const SUBSTITUTIONS = new Set(['command_substitution', 'process_substitution']);
const WRITING = new Set(['>', '>>', '>|', '&>', '&>>', '<>', '>&']);
const COMMANDS = new Set(['command', 'declaration_command', 'unset_command', 'test_command', 'variable_assignment']);
/** Longer texts are not read: they need approval like what cannot be read. */
const LONGEST_TEXT = 64 * 1024;

/** All simple commands of a shell text, wherever they stand in it: lists, pipelines, subshells, functions, substitutions. */
export async function readCommands(text: string): Promise<SimpleCommand[]> {
  if (text.length > LONGEST_TEXT) return [unreadable(text, 'it is too long to be read')];
  if (text.includes('\0')) return [unreadable(text, 'it holds a NUL character')];
  return parseShell(text, (root) => {
    if (root.hasError) return [unreadable(text, 'it cannot be read as a shell command')];
    const found: SimpleCommand[] = [];
    collect(root, found);
    return found;
  });
}

/** An argument vector given as such: no shell is between. */
export function commandOfVector(words: readonly string[]): SimpleCommand[] {
  return seenCommands(
    words.map((text) => ({ text, dynamic: false })),
    words.join(' '),
    [],
    null,
  );
}

function collect(node: Node, found: SimpleCommand[]): void {
  if (COMMANDS.has(node.type) && !(node.type === 'variable_assignment' && inCommand(node))) {
    found.push(...simpleCommands(node));
  } else if (node.type === 'redirected_statement' && !node.childForFieldName('body')) {
    found.push(...seenCommands([], node.text, writesOf(node), null));
  }
  for (const child of node.namedChildren) if (child) collect(child, found);
}

function inCommand(node: Node): boolean {
  return node.parent !== null && node.parent.type !== 'variable_assignments' && COMMANDS.has(node.parent.type);
}

function simpleCommands(node: Node): SimpleCommand[] {
  const words = wordsOf(node);
  const redirects = redirectionsOf(node);
  const indirect = holdsSubstitution(node) ? 'what it is given is computed by another command' : null;
  const writes = redirects.flatMap((redirect) => writesOf(redirect));
  const fed = redirects.some(({ type }) => type === 'heredoc_redirect' || type === 'herestring_redirect');
  const seen = seenCommands(words, node.text, writes, indirect);
  return fed
    ? seen.map((one) => (one.indirect ? { ...one, indirect: `${one.indirect}, from a here-document` } : one))
    : seen;
}

function wordsOf(node: Node): (Word & { expands?: boolean })[] {
  if (node.type === 'variable_assignment') return [{ text: node.text, dynamic: false }];
  if (node.type === 'test_command')
    return [
      { text: 'test', dynamic: false },
      { text: node.text, dynamic: false },
    ];
  const words: (Word & { expands?: boolean })[] = [];
  let end = -1;
  for (const part of node.children) {
    if (!part || part.type.endsWith('_redirect')) continue;
    const word = part.type === 'variable_assignment' ? { text: part.text, dynamic: false } : readWord(part);
    // The grammar sometimes takes one word for several (`'a'\a`): what touches belongs together.
    const before = part.startIndex === end ? words.pop() : undefined;
    words.push(before ? joinWords(before, word) : word);
    end = part.endIndex;
  }
  return words;
}

function seenCommands(
  words: (Word & { expands?: boolean })[],
  text: string,
  writes: Word[],
  indirect: string | null,
): SimpleCommand[] {
  const line = text.replace(/\s+/g, ' ').trim();
  return lookThrough(words).map((seen, index) => ({
    text: line,
    program: seen.program,
    arguments: seen.arguments.map(({ text, dynamic }) => ({ text, dynamic })),
    wrappers: [...seen.wrappers],
    writes: [
      ...(index === 0 ? writes : []),
      ...writtenBy(
        baseName(seen.program),
        seen.arguments.map((word) => ({ text: word.text, dynamic: word.dynamic || (word.expands ?? false) })),
      ),
    ],
    indirect: seen.indirect ?? indirect,
    opaque: seen.indirect !== null,
  }));
}

/** Redirections of a command: its own, and those of statements that it is the last command of. */
function redirectionsOf(node: Node): Node[] {
  const own = node.children.filter((child): child is Node => child?.type.endsWith('_redirect') ?? false);
  const around: Node[] = [];
  for (let at: Node | null = node.parent; at; at = at.parent) {
    if (at.type === 'redirected_statement')
      around.push(...at.childrenForFieldName('redirect').filter((one) => one !== null));
  }
  return [...own, ...around];
}

/** Files that redirections below a node write; descriptors and the null device are none. */
function writesOf(node: Node): Word[] {
  if (node.type === 'file_redirect') {
    const operator = node.children.find((child) => child && !child.isNamed)?.type ?? '';
    const target = node.childForFieldName('destination');
    if (!WRITING.has(operator) || !target) return [];
    const { text, dynamic, expands } = readWord(target);
    if (operator === '>&' && /^(\d+|-)$/.test(text)) return [];
    if (isNoFile(text) && !dynamic) return [];
    return [{ text, dynamic: dynamic || expands }];
  }
  if (SUBSTITUTIONS.has(node.type) || COMMANDS.has(node.type)) return [];
  return node.namedChildren.flatMap((child) => (child ? writesOf(child) : []));
}

function holdsSubstitution(node: Node): boolean {
  return node.namedChildren.some(
    (child) => child !== null && (SUBSTITUTIONS.has(child.type) || holdsSubstitution(child)),
  );
}

function unreadable(text: string, reason: string): SimpleCommand {
  const line = text.replace(/\s+/g, ' ').trim().slice(0, 500);
  return { text: line, program: '', arguments: [], wrappers: [], writes: [], indirect: reason, opaque: true };
}
