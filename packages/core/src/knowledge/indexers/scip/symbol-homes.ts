import { packageId, typedPackage } from '../packages/package-id.ts';
import { namedSymbolId, symbolId } from '../symbol-id.ts';
import { type SymbolParts, symbolParts } from './symbol-parts.ts';

/** A symbol of an index, as the graph names it. */
export interface Identified {
  id: string;
  /** Outermost first; none for a file. */
  names: readonly string[];
  suffix: string;
  /** The file that defines it; null for what is defined elsewhere. */
  home: string | null;
}

/** Which file of an index defines what: the graph names symbols by the paths of their files. */
export class SymbolHomes {
  readonly #homes = new Map<string, string>();
  readonly #identified = new Map<string, Identified | null>();

  /** All definitions come before anything is identified. The first one counts. */
  add(symbol: string, path: string): void {
    if (!symbol.startsWith('local ') && !this.#homes.has(symbol)) this.#homes.set(symbol, path);
  }

  /** Null for what the graph has no entity for: what is local, a parameter, or part of the language. */
  identify(symbol: string): Identified | null {
    const known = this.#identified.get(symbol);
    if (known !== undefined) return known;
    const parts = symbolParts(symbol);
    const home = this.#homes.get(symbol) ?? null;
    const found = !parts || parts.isParameter ? null : home === null ? external(parts) : own(parts, home);
    this.#identified.set(symbol, found);
    return found;
  }
}

function own({ namespaces, names, suffix, hash }: SymbolParts, home: string): Identified {
  const all = [...namespacesWithin(namespaces, home), ...names];
  if (all.length === 0) return { id: `file:${home}`, names: all, suffix, home };
  const id = hash === null ? symbolId(home, all) : namedSymbolId({ path: home, name: all.join('.'), hash });
  return { id, names: all, suffix, home };
}

/** What comes after the path of the file; of other languages namespaces are packages, and say where nothing stands. */
function namespacesWithin(namespaces: readonly string[], home: string): readonly string[] {
  for (let count = namespaces.length; count > 0; count -= 1) {
    const path = namespaces.slice(0, count).join('/');
    if (home === path || home.endsWith(`/${path}`)) return namespaces.slice(count);
  }
  return [];
}

function external({ packageName, namespaces, names, suffix }: SymbolParts): Identified | null {
  const isLanguage = packageName === 'typescript' && namespaces[0] === 'lib' && namespaces[1]?.startsWith('lib.');
  if (packageName === '' || isLanguage) return null;
  const id = packageId(typedPackage(packageName));
  return { id: names.length === 0 ? id : `${id}#${names.join('.')}`, names, suffix, home: null };
}
