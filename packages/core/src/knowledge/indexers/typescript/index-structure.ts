import { readFileSync } from 'node:fs';
import ts from 'typescript';
import type { RelationshipType } from '../../vocabulary/relationship-type.ts';
import type { FileFacts, SourceFileState } from '../file-facts.ts';
import { symbolId } from '../symbol-id.ts';
import { isDeclaration, isExportsAssignment } from './declaration.ts';
import { type Importing, importTypeOf, specifierOf } from './imports.ts';
import { fileEntity, symbolEntities, syntaxErrors, unreadFile } from './index-file.ts';
import { edgesOf, languageOf, type Occurrence } from './occurrence.ts';
import { exportedNames } from './own-exports.ts';
import { isStatic, namedBy, qualifiedName } from './symbol-name.ts';
import { TOO_DEEP, whyUnread } from './unread-source.ts';

/** Comments are most of some sources: those of declarations alone are looked at, as they are written. */
const HOW: ts.CreateSourceFileOptions = {
  languageVersion: ts.ScriptTarget.Latest,
  jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
};

/**
 * What a source says by itself: what it declares, imports and exports of its own, under the same ids as when it is read with types. Nothing of
 * what its names mean.
 * @param moduleOf the file of the workspace that an import leads to
 */
export function indexStructure(
  root: string,
  state: SourceFileState,
  moduleOf: (specifier: string, from: string) => string | null,
): FileFacts {
  const why = whyUnread(root, state);
  if (why !== null) return unreadFile(state, why);
  try {
    const text = readFileSync(`${root}/${state.path}`, 'utf8');
    return factsOf(ts.createSourceFile(state.path, text, HOW), state, moduleOf);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return unreadFile(state, TOO_DEEP);
  }
}

function factsOf(
  file: ts.SourceFile,
  state: SourceFileState,
  moduleOf: (specifier: string, from: string) => string | null,
): FileFacts {
  const { path } = state;
  const read = readStructure(file, path, (specifier) => moduleOf(specifier, path));
  const base = { path, language: languageOf(path), lastModified: state.modifiedAt, created: state.createdAt };
  return {
    path,
    entities: [fileEntity(file, state, base, read), ...symbolEntities(null, read, base)],
    relationships: edgesOf(path, read.occurrences),
    problems: syntaxErrors(parserErrors(file), file),
  };
}

/** The parser notes them on the file, and its types do not say so. */
function parserErrors(file: ts.SourceFile): readonly ts.Diagnostic[] {
  return 'parseDiagnostics' in file ? (file.parseDiagnostics as readonly ts.Diagnostic[]) : [];
}

function readStructure(file: ts.SourceFile, path: string, moduleOf: (specifier: string) => string | null) {
  const fileId = `file:${path}`;
  const declared = new Map<string, ts.Declaration[]>();
  const occurrences: Occurrence[] = [];
  const add = (type: RelationshipType, fromId: string, toId: string, node: ts.Node, says = {}) => {
    const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
    occurrences.push({ type, fromId, toId, line: line + 1, column: character + 1, says });
  };

  const declare = (node: ts.Node, owner: string): string => {
    if (!isDeclaration(node)) return isExportsAssignment(node) ? declare(node.left, owner) : owner;
    const named = namedBy(node) as ts.Declaration;
    const names = qualifiedName(named);
    if (names === null) return owner;
    const id = symbolId(path, names, isStatic(named));
    if (id === owner) return owner;
    const known = declared.get(id);
    if (known) known.push(node);
    else {
      declared.set(id, [node]);
      add(owner === fileId ? 'DEFINES' : 'CONTAINS', owner, id, ts.getNameOfDeclaration(node) ?? node);
    }
    return id;
  };

  const visit = (node: ts.Node, owner: string): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isImportEqualsDeclaration(node)) {
      tellImport(node);
      return;
    }
    adopt(node);
    const inside = declare(node, owner);
    if (HOLDERS.has(node.kind)) ts.forEachChild(node, (child) => visit(child, inside));
  };

  const tellImport = (node: Importing): void => {
    const specifier = specifierOf(node);
    if (!specifier) return;
    const { text } = specifier;
    const own = moduleOf(text);
    const isRelative = /^\.{0,2}\//.test(text);
    const outside = text.startsWith('node:') ? text : (/^(?:@[^/]+\/)?[^/]+/.exec(text)?.[0] ?? text);
    const toId = own !== null ? `file:${own}` : isRelative ? `import:${text}:*` : `external:${outside}`;
    add('IMPORTS', fileId, toId, specifier, {
      modulePath: text,
      importType: importTypeOf(node),
      isReExport: ts.isExportDeclaration(node),
      resolutionState: own === null ? 'unresolved' : 'resolved',
    });
  };

  visit(file, fileId);
  const exported = exportedNames(file);
  for (const [id, [first]] of declared) {
    const names = first && qualifiedName(namedBy(first) as ts.Declaration);
    const [name, ...more] = names ?? [];
    // That of `exports.name = …` is one.
    if (
      first &&
      name !== undefined &&
      more.length === 0 &&
      (exported.has(name) || ts.isPropertyAccessExpression(first))
    )
      add('EXPORTS', fileId, id, ts.getNameOfDeclaration(first) ?? first, { isReExport: false });
  }
  return { declared, occurrences };
}

/** Who is whose parent the checker says, and the parser only for all nodes, most of which nobody looks at. */
function adopt(node: ts.Node): void {
  ts.forEachChild(node, (child) => {
    (child as { parent: ts.Node }).parent = node;
  });
}

/** What may hold something that has a name of its own: all else holds what is local, or nothing that has a name. */
const HOLDERS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.SourceFile,
  ts.SyntaxKind.ModuleDeclaration,
  ts.SyntaxKind.ModuleBlock,
  ts.SyntaxKind.VariableStatement,
  ts.SyntaxKind.VariableDeclarationList,
  ts.SyntaxKind.VariableDeclaration,
  ts.SyntaxKind.ObjectBindingPattern,
  ts.SyntaxKind.ArrayBindingPattern,
  ts.SyntaxKind.BindingElement,
  ts.SyntaxKind.ClassDeclaration,
  ts.SyntaxKind.ClassExpression,
  ts.SyntaxKind.Constructor,
  ts.SyntaxKind.PropertyDeclaration,
  ts.SyntaxKind.InterfaceDeclaration,
  ts.SyntaxKind.TypeAliasDeclaration,
  ts.SyntaxKind.TypeLiteral,
  ts.SyntaxKind.EnumDeclaration,
  ts.SyntaxKind.ExportAssignment,
  ts.SyntaxKind.ObjectLiteralExpression,
  ts.SyntaxKind.PropertyAssignment,
  ts.SyntaxKind.ParenthesizedExpression,
  ts.SyntaxKind.AsExpression,
  ts.SyntaxKind.SatisfiesExpression,
  ts.SyntaxKind.NonNullExpression,
  ts.SyntaxKind.TypeAssertionExpression,
  ts.SyntaxKind.ExpressionStatement,
  ts.SyntaxKind.BinaryExpression,
]);
