import ts from 'typescript';
import { typedPackage } from '../packages/package-id.ts';
import { symbolId } from '../symbol-id.ts';
import { isStatic, namedBy, qualifiedName } from './symbol-name.ts';

/** Of whose files the graph tells. */
export interface OwnFiles {
  /** Relative to the workspace; null for a file that is not among those indexed. */
  pathOf(file: { readonly fileName: string }): string | null;
  /** Of the workspace: absolute, without a slash at its end. */
  root: string;
}

const PACKAGE = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)(?:\/|$)/s;

/** The ids by which the graph knows what a program declares (KG-024). */
export class SymbolIds {
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;
  readonly #own: OwnFiles;
  readonly #known = new Map<ts.Node, string | null>();
  readonly #bySymbol = new Map<ts.Symbol, readonly string[]>();

  constructor(program: ts.Program, own: OwnFiles) {
    this.#program = program;
    this.#checker = program.getTypeChecker();
    this.#own = own;
  }

  /** What a symbol stands for: several where it is a member of a union. None for what is local, or part of the language. */
  of(symbol: ts.Symbol | undefined): readonly string[] {
    if (!symbol) return [];
    let ids = this.#bySymbol.get(symbol);
    if (!ids) {
      ids = this.#idsOf(this.target(symbol));
      this.#bySymbol.set(symbol, ids);
    }
    return ids;
  }

  #idsOf(target: ts.Symbol): string[] {
    const [first] = target.declarations ?? [];
    const roots = target.flags & ts.SymbolFlags.Transient ? this.#checker.getRootSymbols(target) : [target];
    const ids = roots.flatMap(({ declarations = [] }) => {
      const [declaration = first] = declarations;
      return (declaration && this.ofDeclaration(declaration)) ?? [];
    });
    // The order of a union's members is that in which the checker came upon them.
    return [...new Set(ids)].sort();
  }

  /** What an imported or exported name stands for in the end. */
  target(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  ofDeclaration(declaration: ts.Node): string | null {
    const known = this.#known.get(declaration);
    if (known !== undefined) return known;
    const named = namedBy(declaration);
    const id = ts.isSourceFile(named) ? this.#ofFile(named) : this.#ofNamed(named as ts.Declaration);
    this.#known.set(declaration, id);
    return id;
  }

  #ofFile(file: ts.SourceFile): string | null {
    const path = this.#own.pathOf(file);
    return path === null ? this.#external(file, []) : `file:${path}`;
  }

  #ofNamed(declaration: ts.Declaration): string | null {
    const file = declaration.getSourceFile();
    const names = qualifiedName(declaration);
    if (names === null) return null;
    const path = this.#own.pathOf(file);
    return path === null ? this.#external(file, names) : symbolId(path, names, isStatic(declaration));
  }

  #external(file: ts.SourceFile, names: readonly string[]): string | null {
    if (this.#program.isSourceFileDefaultLibrary(file)) return null;
    const [, found] = PACKAGE.exec(file.fileName) ?? [];
    if (found === undefined) return this.#unlisted(file, names);
    const [first = '', ...rest] = names;
    // Modules are declared by name where a package has types of others, as that with those of Node has.
    const [, module] = /^"(.*)"$/.exec(first) ?? [];
    if (found !== '@types/node')
      return module === undefined ? external(typedPackage(found), names) : external(module, rest);
    if (module !== undefined) return external(module.startsWith('node:') ? module : `node:${module}`, rest);
    if (first !== 'global') return external('node', names);
    return rest.length === 0 ? null : external('node', rest);
  }

  /** Of a file that nobody asked to index, such as a generated one, no more is known than where it is. */
  #unlisted({ fileName }: ts.SourceFile, names: readonly string[]): string {
    const { root } = this.#own;
    if (!fileName.startsWith(`${root}/`)) return external(fileName.split('/').slice(-2).join('/'), names);
    const path = fileName.slice(root.length + 1);
    return names.length === 0 ? `file:${path}` : `file:${path}:${names.join('.')}`;
  }
}

function external(module: string, names: readonly string[]): string {
  return names.length === 0 ? `external:${module}` : `external:${module}#${names.join('.')}`;
}
