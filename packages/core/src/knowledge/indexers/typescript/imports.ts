import ts from 'typescript';
import type { RawEdge } from '../../edges/raw-edge.ts';
import type { SymbolIds } from './symbol-ids.ts';

interface Parts {
  /** The file that a specifier leads to. */
  moduleOf: (specifier: string) => ts.SourceFile | undefined;
  checker: ts.TypeChecker;
  ids: SymbolIds;
}

export interface Imported {
  type: 'IMPORTS' | 'EXPORTS' | 'REFERENCES';
  toId: string;
  at: ts.Node;
  says: RawEdge;
}

/** A statement that names a module, or may. */
export type Importing = ts.ImportDeclaration | ts.ExportDeclaration | ts.ImportEqualsDeclaration;

/** What a file takes from others by one statement, and what it passes on by it: the module, and each name. */
export function importsOf(node: Importing, parts: Parts): Imported[] {
  const specifier = specifierOf(node);
  const modulePath = specifier?.text;
  const found: Imported[] = [];
  const says = modulePath === undefined ? {} : { modulePath };
  if (specifier) {
    const isReExport = ts.isExportDeclaration(node);
    const kind = { importType: importTypeOf(node), isReExport };
    const { id, state } = moduleId(specifier, parts);
    found.push({ type: 'IMPORTS', toId: id, at: specifier, says: { ...says, ...kind, resolutionState: state } });
  }
  for (const { name, type, ...more } of namesOf(node)) {
    const symbol = ts.isExportSpecifier(name.parent)
      ? (parts.checker.getExportSpecifierLocalTargetSymbol(name.parent) ?? parts.checker.getSymbolAtLocation(name))
      : parts.checker.getSymbolAtLocation(name);
    const targets = parts.ids.of(symbol);
    const unresolved = modulePath === undefined ? [] : [`import:${modulePath}:${name.text}`];
    const resolutionState = targets.length > 0 ? 'resolved' : 'unresolved';
    for (const toId of targets.length > 0 ? targets : unresolved) {
      found.push({ type, toId, at: name, says: { ...says, ...more, resolutionState } });
    }
  }
  return found;
}

export function specifierOf(node: Importing): ts.StringLiteralLike | null {
  const specifier = ts.isImportEqualsDeclaration(node)
    ? ts.isExternalModuleReference(node.moduleReference) && node.moduleReference.expression
    : node.moduleSpecifier;
  return specifier && ts.isStringLiteralLike(specifier) ? specifier : null;
}

export function importTypeOf(node: Importing): string {
  if (ts.isImportEqualsDeclaration(node)) return 'namespace';
  if (ts.isExportDeclaration(node)) return node.exportClause ? 'named' : 'wildcard';
  const clause = node.importClause;
  if (!clause) return 'side-effect';
  if (clause.name) return 'default';
  return clause.namedBindings && ts.isNamespaceImport(clause.namedBindings) ? 'namespace' : 'named';
}

/** The module as an entity: a file of ours, a package of others, or a name that leads nowhere. */
function moduleId(specifier: ts.StringLiteralLike, { moduleOf, checker, ids }: Parts): { id: string; state: string } {
  const { text } = specifier;
  const file = moduleOf(text);
  const own = file && ids.ofDeclaration(file);
  if (own?.startsWith('file:')) return { id: own, state: 'resolved' };
  if (/^\.{0,2}\//.test(text)) return { id: `import:${text}:*`, state: 'unresolved' };
  const name = text.startsWith('node:') ? text : (/^(?:@[^/]+\/)?[^/]+/.exec(text)?.[0] ?? text);
  const isKnown = file !== undefined || checker.getSymbolAtLocation(specifier) !== undefined;
  return { id: `external:${name}`, state: isKnown ? 'resolved' : 'unresolved' };
}

interface ImportedName {
  /** As the other module calls it. */
  name: ts.Identifier;
  type: Imported['type'];
  importType?: string;
  importAlias?: string;
  isNamespace?: boolean;
  isReExport?: boolean;
}

function namesOf(node: Importing): ImportedName[] {
  if (ts.isImportEqualsDeclaration(node)) {
    const { moduleReference } = node;
    if (!ts.isIdentifier(moduleReference)) return [];
    return [{ name: moduleReference, type: 'REFERENCES' }];
  }
  if (ts.isExportDeclaration(node)) {
    if (!node.exportClause || !ts.isNamedExports(node.exportClause)) return [];
    const isReExport = node.moduleSpecifier !== undefined;
    return node.exportClause.elements.flatMap(({ propertyName, name }) => {
      const taken = propertyName ?? name;
      if (!ts.isIdentifier(taken)) return [];
      return [
        { name: taken, type: 'EXPORTS', isReExport, ...(propertyName ? { importAlias: name.text } : {}) } as const,
      ];
    });
  }
  const { importClause } = node;
  if (!importClause) return [];
  const names: ImportedName[] = [];
  if (importClause.name) names.push({ name: importClause.name, type: 'IMPORTS', importType: 'default' });
  if (importClause.namedBindings && ts.isNamedImports(importClause.namedBindings)) {
    for (const { propertyName, name } of importClause.namedBindings.elements) {
      const taken = propertyName ?? name;
      if (!ts.isIdentifier(taken)) continue;
      names.push({
        name: taken,
        type: 'IMPORTS',
        importType: 'named',
        ...(propertyName ? { importAlias: name.text } : {}),
      });
    }
  }
  return names;
}
