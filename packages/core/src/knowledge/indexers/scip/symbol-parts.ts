/** A symbol as SCIP names it, taken apart. */
export interface SymbolParts {
  packageName: string;
  /** Outermost first: directories, a file, namespaces. */
  namespaces: string[];
  /** What stands in those, outermost first: `Invoice`, `total`. */
  names: string[];
  /** Of the last one: `#` a type, `.` a term, `(` a method; `/` where there are namespaces alone. */
  suffix: string;
  /** By which the graph tells symbols of one name apart, where an index was made of it. */
  hash: string | null;
  /** Whether it is a parameter, or a part of one: nothing that the graph has. */
  isParameter: boolean;
}

/** UTF-16 units of a symbol: longer ones make ids that the graph does not take, and what takes them apart runs out of its stack. */
const MOST_SYMBOL = 4_000;

/** Null for what is local to a document, or not as SCIP writes it. */
export function symbolParts(symbol: string): SymbolParts | null {
  if (symbol.length > MOST_SYMBOL || symbol.startsWith('local ')) return null;
  // Scheme, manager, name and version.
  const [header, rest] = words(symbol, 4);
  const [, , packageName] = header;
  if (packageName === undefined || rest === '') return null;
  const descriptors = descriptorsOf(rest);
  if (descriptors === null) return null;
  // What is meta names no part of the code, such as the braces of a type.
  const inner = descriptors.filter(({ suffix }) => suffix !== '/' && suffix !== ':');
  const hashes = descriptors.filter(({ name, suffix }) => suffix === ':' && /^@[\da-f]{8}$/.test(name));
  return {
    packageName: packageName === '.' ? '' : packageName,
    namespaces: descriptors.filter(({ suffix }) => suffix === '/').map(({ name }) => name),
    names: inner.map(({ name }) => name),
    suffix: inner.at(-1)?.suffix ?? '/',
    hash: hashes.at(-1)?.name.slice(1) ?? null,
    isParameter: inner.some(({ suffix }) => suffix === ')' || suffix === ']'),
  };
}

/** Words that end with a blank, and what comes after them; a blank within a word is doubled. */
function words(text: string, count: number): [string[], string] {
  const found: string[] = [];
  let at = 0;
  while (found.length < count) {
    const [word = ''] = /^(?:[^ ]| {2})*/.exec(text.slice(at)) ?? [];
    at += word.length + 1;
    if (at > text.length) return [[], ''];
    found.push(word.replaceAll('  ', ' '));
  }
  return [found, text.slice(at)];
}

interface Descriptor {
  name: string;
  suffix: string;
}

const NAME = '`(?:[^`]|``)*`|[\\w+$-]+';
const DESCRIPTOR = new RegExp(
  `\\((?<parameter>${NAME})\\)|\\[(?<type>${NAME})\\]|(?<name>${NAME})(?:(?<suffix>[/#.:!])|\\([\\w+$-]*\\)\\.)`,
  'y',
);

function descriptorsOf(text: string): Descriptor[] | null {
  const found: Descriptor[] = [];
  for (let at = 0; at < text.length; at = DESCRIPTOR.lastIndex) {
    DESCRIPTOR.lastIndex = at;
    const { parameter, type, name, suffix = '(' } = DESCRIPTOR.exec(text)?.groups ?? {};
    if (parameter !== undefined) found.push({ name: unescaped(parameter), suffix: ')' });
    else if (type !== undefined) found.push({ name: unescaped(type), suffix: ']' });
    else if (name !== undefined) found.push({ name: unescaped(name), suffix });
    else return null;
  }
  return found;
}

function unescaped(name: string): string {
  return name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name;
}
