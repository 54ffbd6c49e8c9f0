import { hash } from 'node:crypto';

/**
 * `sym:<path>#<name>@<hash>` (KG-024). The hash tells symbols of one name apart; it stays when the code is edited, so that whoever refers to
 * a symbol need not be indexed again with each edit of it.
 */
export function symbolId(path: string, names: readonly string[], isStaticMember = false): string {
  const digest = hash('sha256', JSON.stringify([path, ...names, isStaticMember])).slice(0, 8);
  return namedSymbolId({ path, name: names.join('.'), hash: digest });
}

/** What the id of a symbol says of it. */
export interface SymbolIdParts {
  path: string;
  /** Qualified by what it stands in: `Invoice.total`. */
  name: string;
  hash: string;
}

export function namedSymbolId({ path, name, hash }: SymbolIdParts): string {
  return `sym:${path.replaceAll('#', '%23')}#${name.replaceAll('@', '%40')}@${hash}`;
}

/** Null for what is no id of a symbol. */
export function symbolIdParts(id: string): SymbolIdParts | null {
  const { path, name, hash } = /^sym:(?<path>[^#]+)#(?<name>.*)@(?<hash>[^@]*)$/s.exec(id)?.groups ?? {};
  if (path === undefined || name === undefined || hash === undefined) return null;
  return { path: path.replaceAll('%23', '#'), name: name.replaceAll('%40', '@'), hash };
}
