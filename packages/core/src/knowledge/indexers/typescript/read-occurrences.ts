import ts from 'typescript';
import type { RawEdge } from '../../edges/raw-edge.ts';
import type { RelationshipType } from '../../vocabulary/relationship-type.ts';
import { isTestFile, testId, testTypeOf } from '../test-file.ts';
import { isDeclaration, isExportsAssignment } from './declaration.ts';
import { importsOf } from './imports.ts';
import type { Occurrence } from './occurrence.ts';
import type { OpenProgram } from './open-program.ts';
import { overridden } from './overridden.ts';
import { rolesOf } from './reference-role.ts';
import type { SymbolIds } from './symbol-ids.ts';
import { type TestBlock, testBlock } from './test-blocks.ts';

export interface FoundTest extends TestBlock {
  id: string;
  node: ts.CallExpression;
}

export interface ReadFile {
  occurrences: Occurrence[];
  /** Declarations of this file that have an id, each once. */
  declared: Map<string, ts.Declaration[]>;
  tests: FoundTest[];
}

/** Everything in a file that leads to something: one walk over it, each name resolved by the checker. */
export function readOccurrences(
  { program, ids, resolved, path }: Pick<OpenProgram, 'program' | 'ids' | 'resolved'> & { path: string },
  file: ts.SourceFile,
): ReadFile {
  const checker = program.getTypeChecker();
  const found: ReadFile = { occurrences: [], declared: new Map(), tests: [] };
  const fileId = `file:${path}`;
  const isTest = isTestFile(path);
  const moduleOf = (text: string): ts.SourceFile | undefined => {
    const name = resolved.get(file.fileName)?.get(text);
    return name ? program.getSourceFile(name) : undefined;
  };

  const add = (
    type: RelationshipType,
    fromId: string,
    toId: string,
    node: ts.Node | null,
    says: RawEdge = {},
  ): void => {
    if (!node) {
      found.occurrences.push({ type, fromId, toId, line: null, column: null, says });
      return;
    }
    const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
    found.occurrences.push({ type, fromId, toId, line: line + 1, column: character + 1, says });
  };

  const refer = (owner: string, node: ts.Node, symbol: ts.Symbol | undefined): void => {
    if (!symbol) return;
    const target = ids.target(symbol);
    const targets = ids.of(symbol);
    if (targets.length === 0) return;
    const roles = rolesOf(node, target.flags);
    const says = targets.length > 1 ? { ambiguous: true, candidateCount: targets.length } : {};
    for (const toId of targets) {
      for (const role of roles) {
        const callee = role.type === 'CALLS' ? { callee: node.getText(file) } : {};
        add(role.type, owner, toId, node, { ...role.says, ...callee, ...says });
      }
    }
    if (isTest) for (const toId of targets) testOf(owner, toId, node);
  };

  /** What a test file makes use of is what it tests, where that is code of ours and no test itself. */
  const testOf = (owner: string, toId: string, node: ts.Node): void => {
    const tested = /^sym:([^#]+)#/.exec(toId)?.[1];
    if (tested === undefined || tested === path || isTestFile(tested)) return;
    const testType = testTypeOf(path);
    add('TESTS', owner.startsWith('test:') ? owner : fileId, toId, node, { testType });
  };

  const visit = (node: ts.Node, owner: string): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isImportEqualsDeclaration(node)) {
      for (const { type, toId, at, says } of importsOf(node, { checker, moduleOf, ids }))
        add(type, fileId, toId, at, says);
      return;
    }
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
      visitName(node, owner);
      return;
    }
    const block = ts.isCallExpression(node) ? testBlock(node, path) : null;
    if (block && ts.isCallExpression(node)) {
      visitTest(node, block, owner);
      return;
    }
    if (ts.isThrowStatement(node)) visitThrow(node, owner);
    const inside = declare(node, owner);
    ts.forEachChild(node, (child) => visit(child, inside));
  };

  const visitThrow = ({ expression }: ts.ThrowStatement, owner: string): void => {
    for (const toId of ids.of(checker.getTypeAtLocation(expression).symbol)) {
      add('THROWS', owner, toId, expression, { kind: 'throw' });
    }
  };

  const visitTest = (node: ts.CallExpression, block: TestBlock, owner: string): void => {
    const outer = found.tests.find(({ id }) => id === owner);
    const id = testId(path, [...(outer?.names ?? []), ...block.names]);
    visit(node.expression, owner);
    const names = [...(outer?.names ?? []), ...block.names];
    if (!found.tests.some((test) => test.id === id)) {
      found.tests.push({ ...block, names, id, node });
      add('CONTAINS', outer?.id ?? fileId, id, node);
    }
    for (const child of node.arguments) visit(child, id);
  };

  /** Notes that there is such an entity. @returns whose all is that stands in the node */
  const declare = (node: ts.Node, owner: string): string => {
    if (!isDeclaration(node)) return isExportsAssignment(node) ? declare(node.left, owner) : owner;
    const id = ids.ofDeclaration(node);
    if (id === null || !id.startsWith('sym:') || id === owner) return owner;
    const known = found.declared.get(id);
    if (known) {
      known.push(node);
      return id;
    }
    found.declared.set(id, [node]);
    add(owner.startsWith('file:') ? 'DEFINES' : 'CONTAINS', owner, id, ts.getNameOfDeclaration(node) ?? node);
    for (const { type, toId } of overridden(node, { checker, ids })) add(type, id, toId, node);
    return id;
  };

  const visitName = (node: ts.Identifier | ts.PrivateIdentifier, owner: string): void => {
    const { parent } = node;
    if (ts.isShorthandPropertyAssignment(parent) && parent.name === node) {
      refer(owner, node, checker.getShorthandAssignmentValueSymbol(parent));
      return;
    }
    if (ts.isBindingElement(parent) && ts.isObjectBindingPattern(parent.parent)) {
      const isKey = parent.propertyName ? parent.propertyName === node : parent.name === node;
      if (isKey && ts.isIdentifier(node)) {
        const property = checker.getTypeAtLocation(parent.parent).getProperty(node.text);
        if (property) refer(owner, node, property);
        return;
      }
    }
    if (isDeclaredName(node) || ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return;
    refer(owner, node, ofNamespace(node, checker, ids) ?? checker.getSymbolAtLocation(node));
  };

  ts.forEachChild(file, (child) => visit(child, fileId));
  for (const { id, at, says } of exportsOf(file, checker, ids)) add('EXPORTS', fileId, id, at, says);
  return found;
}

/** `name` of `module.name`, where all of a module goes by one name: the checker would look at the types of both, which say no more. */
function ofNamespace(node: ts.Node, checker: ts.TypeChecker, ids: SymbolIds): ts.Symbol | undefined {
  const { parent } = node;
  if (!ts.isPropertyAccessExpression(parent) || parent.name !== node || !ts.isIdentifier(parent.expression)) return;
  const left = checker.getSymbolAtLocation(parent.expression);
  if (!left || (left.flags & ts.SymbolFlags.Alias) === 0) return;
  const module = ids.target(left);
  const file = module.valueDeclaration;
  if (!file || !ts.isSourceFile(file) || (file.flags & ts.NodeFlags.JavaScriptFile) !== 0) return;
  const found = checker.tryGetMemberInModuleExports(parent.name.text, module);
  return found && (ids.target(found).flags & ts.SymbolFlags.Value) !== 0 ? found : undefined;
}

function isDeclaredName(node: ts.Node): boolean {
  const { parent } = node;
  return (
    'name' in parent && parent.name === node && !ts.isPropertyAccessExpression(parent) && !ts.isJsxAttribute(parent)
  );
}

interface Exported {
  id: string;
  /** Null for what comes by `export *`. */
  at: ts.Node | null;
  says: RawEdge;
}

/** All that a module gives to others, its own and what it passes on. */
function exportsOf(file: ts.SourceFile, checker: ts.TypeChecker, ids: SymbolIds): Exported[] {
  const module = checker.getSymbolAtLocation(file);
  if (!module) return [];
  return checker.getExportsOfModule(module).flatMap((symbol) => {
    const [declaration] = symbol.declarations ?? [];
    const own = declaration?.getSourceFile() === file;
    // A specifier of the file itself has told of it.
    if (own && declaration && ts.isExportSpecifier(declaration)) return [];
    const target = ids.target(symbol);
    const isReExport = target.declarations?.[0]?.getSourceFile() !== file;
    const renamed = target.name !== symbol.name ? { importAlias: symbol.name } : {};
    const at = own && declaration ? (ts.getNameOfDeclaration(declaration) ?? declaration) : null;
    return ids.of(symbol).map((id) => ({ id, at, says: { isReExport, ...renamed } }));
  });
}
