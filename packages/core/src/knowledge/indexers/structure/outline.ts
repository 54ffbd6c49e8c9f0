import type { Node, QueryMatch } from 'web-tree-sitter';
import type { Grammar } from './grammars.ts';

const KINDS = ['function', 'method', 'class', 'interface', 'typeAlias', 'variable'] as const;
type DeclaredKind = (typeof KINDS)[number];

export interface Declared {
  kind: DeclaredKind;
  /** With the names of what it stands in. */
  names: string[];
  /** Half-open range of UTF-16 units. */
  start: number;
  end: number;
  /** From 1, of its name. */
  line: number;
  column: number;
  /** From 1, its last one. */
  endLine: number;
  text: string;
  /** Up to its body. */
  signature: string;
  parameters: { name: string; type: string }[];
  returnType: string;
  isAsync: boolean;
  bases: string[];
  branches: number;
  /** Place of what it stands in, among all; null for the file. */
  within: number | null;
}

export interface Named {
  text: string;
  line: number;
  column: number;
  /** Place of the declaration in which it stands; null for the file. */
  within: number | null;
}

/** What one file says by itself. */
export interface Outline {
  lines: number;
  declared: Declared[];
  imports: Named[];
  calls: Named[];
  /** Where the parser made no sense of it: line and column, from 1. */
  errors: string[];
}

/** Syntax errors that are told of. */
const MOST_ERRORS = 5;
const MOST_SIGNATURE = 1_000;
/** It stands outside of what is exported. */
const EXPORT = /export\s+(?:default\s+)?$/;

interface Scope {
  node: Node;
  name: Node;
  /** Null for what only names what stands in it. */
  kind: DeclaredKind | null;
}

/** @throws RangeError where the text is too much for the parser */
export function outlineOf({ parser, query }: Grammar, text: string): Outline {
  const tree = parser.parse(text);
  if (!tree) throw new Error('The parser gave no tree.');
  try {
    return outlined(query.matches(tree.rootNode), tree.rootNode, text);
  } finally {
    tree.delete();
  }
}

function outlined(matches: readonly QueryMatch[], root: Node, text: string): Outline {
  const scopes: Scope[] = [];
  const named: { what: string; node: Node }[] = [];
  for (const { captures } of matches) {
    const name = captures.find((one) => one.name === 'name')?.node;
    for (const { name: what, node } of captures) {
      const kind = KINDS.find((one) => one === what) ?? null;
      if (name && (kind || what === 'scope')) scopes.push({ node, name, kind });
      else if (what === 'import' || what === 'call' || what === 'base' || what === 'branch') named.push({ what, node });
    }
  }
  scopes.sort((a, b) => a.node.startIndex - b.node.startIndex || b.node.endIndex - a.node.endIndex);
  named.sort((a, b) => a.node.startIndex - b.node.startIndex);
  return { lines: root.endPosition.row + 1, ...nested(scopes, named, text), errors: errorsOf(root) };
}

interface Open {
  end: number;
  names: string[];
  place: number | null;
  kind: DeclaredKind | null;
}

/** One walk over both lists, by where things begin: what is open then is what they stand in. */
function nested(scopes: readonly Scope[], named: readonly { what: string; node: Node }[], text: string) {
  const declared: Declared[] = [];
  const imports: Named[] = [];
  const calls: Named[] = [];
  const open: Open[] = [];
  const closeBefore = (start: number) => {
    while (open.length > 0 && (open.at(-1)?.end ?? 0) <= start) open.pop();
  };
  let next = 0;
  const enter = ({ node, name, kind }: Scope) => {
    closeBefore(node.startIndex);
    const outer = open.at(-1);
    // `A::b` of a definition outside of its class, and `A.b`.
    const names = [...(outer?.names ?? []), ...name.text.split(/::|\./).filter((part) => part !== '')];
    const within = outer?.place ?? null;
    const isMember = outer?.kind === 'class' || outer?.kind === 'interface';
    const own = kind === 'function' && isMember ? 'method' : kind;
    if (own) declared.push({ kind: own, names, within, bases: [], branches: 0, ...described(node, name, text) });
    open.push({ end: node.endIndex, names, kind, place: kind ? declared.length - 1 : within });
  };
  for (const { what, node } of named) {
    for (let scope = scopes[next]; scope && scope.node.startIndex <= node.startIndex; scope = scopes[next]) {
      enter(scope);
      next += 1;
    }
    closeBefore(node.startIndex);
    const within = open.at(-1)?.place ?? null;
    const owner = within === null ? undefined : declared[within];
    if (what === 'branch') {
      if (owner) owner.branches += 1;
    } else if (what === 'base') owner?.bases.push(node.text);
    else {
      const { row, column } = node.startPosition;
      (what === 'import' ? imports : calls).push({ text: node.text, line: row + 1, column: column + 1, within });
    }
  }
  for (const scope of scopes.slice(next)) enter(scope);
  return { declared, imports, calls };
}

function described(node: Node, name: Node, text: string) {
  const body = node.childForFieldName('body');
  const { startIndex: start, endIndex: end } = node;
  const before = text.slice(start, body?.startIndex ?? end);
  const parameters = (node.childForFieldName('parameters') ?? name.parent?.childForFieldName('parameters'))
    ?.namedChildren;
  const { row, column } = name.startPosition;
  // Some languages take the end of its last line to be of it.
  const endLine = node.endPosition.row + (node.endPosition.column === 0 ? 0 : 1);
  return {
    ...{ start, end, line: row + 1, column: column + 1, endLine },
    text: text.slice(start - (EXPORT.exec(text.slice(text.lastIndexOf('\n', start) + 1, start))?.[0].length ?? 0), end),
    signature: before.replace(/\s+/g, ' ').trim().replace(/[{:]$/, '').trim().slice(0, MOST_SIGNATURE).toWellFormed(),
    parameters: (parameters ?? []).flatMap((one) => {
      if (!one || one.type === 'comment') return [];
      const type = one.childForFieldName('type')?.text ?? '';
      const own =
        one.childForFieldName('name') ?? one.childForFieldName('pattern') ?? one.childForFieldName('declarator');
      return [{ name: (own ?? one).text, type }];
    }),
    returnType: (node.childForFieldName('return_type') ?? node.childForFieldName('result'))?.text ?? '',
    isAsync: /^(?:\w+\s+)*async\b/.test(before),
  };
}

function errorsOf(root: Node): string[] {
  if (!root.hasError) return [];
  const found: string[] = [];
  const waiting = [root];
  for (let node = waiting.pop(); node && found.length < MOST_ERRORS; node = waiting.pop()) {
    const { row, column } = node.startPosition;
    if (node.isError || node.isMissing)
      found.push(`${row + 1}:${column + 1}: this is no ${root.type.replaceAll('_', ' ')} that can be read`);
    else for (const child of node.children) if (child?.hasError || child?.isMissing) waiting.push(child);
  }
  return found;
}
