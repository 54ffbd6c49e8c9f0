import { symbolId, symbolIdParts } from '../symbol-id.ts';

const SCHEME = 'signalbox';
/** What SCIP writes in place of what there is none of. */
const NONE = '.';

/**
 * An entity as SCIP names it; null for one that it has no name for, such as what nobody knows more of than a name. What the names alone do
 * not tell stands in a descriptor at the end, so that the same id is made of it again.
 * @param kind of a symbol
 */
export function symbolText(id: string, kind: string | null): string | null {
  if (id.startsWith('file:')) return id.includes(':', 5) ? null : ownSymbol(namespaces(id.slice(5)));
  const external = /^external:(?<module>[^#]+)(?:#(?<names>.+))?$/s.exec(id)?.groups;
  if (external) {
    const { module = '', names } = external;
    const descriptors = names === undefined ? `${escaped(module)}/` : descriptorsOf(names.split('.'), '.');
    return `${SCHEME} npm ${module.replaceAll(' ', '  ')} ${NONE} ${descriptors}`;
  }
  const parts = symbolIdParts(id);
  if (!parts || parts.name === '') return null;
  const names = parts.name.split('.');
  const isPlain = symbolId(parts.path, names) === id;
  const descriptors = descriptorsOf(names, suffixOf(kind)) + (isPlain ? '' : `${escaped(`@${parts.hash}`)}:`);
  return ownSymbol(namespaces(parts.path) + descriptors);
}

function ownSymbol(descriptors: string): string {
  return `${SCHEME} ${NONE} ${NONE} ${NONE} ${descriptors}`;
}

function namespaces(path: string): string {
  return path
    .split('/')
    .map((part) => `${escaped(part)}/`)
    .join('');
}

function descriptorsOf(names: readonly string[], suffix: string): string {
  return names.map((name, n) => escaped(name) + (n < names.length - 1 ? '#' : suffix)).join('');
}

function suffixOf(kind: string | null): string {
  if (kind === 'function' || kind === 'method') return '().';
  return kind === 'class' || kind === 'interface' || kind === 'typeAlias' ? '#' : '.';
}

function escaped(name: string): string {
  return /^[\w+$-]+$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}
