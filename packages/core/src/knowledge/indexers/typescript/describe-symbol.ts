import { hash } from 'node:crypto';
import ts from 'typescript';
import type { EntityFacts } from '../file-facts.ts';
import { complexityOf } from './complexity.ts';
import { namedBy, qualifiedName } from './symbol-name.ts';
import { typeText } from './type-text.ts';
import { writtenComment } from './written-comment.ts';

/** Most UTF-16 units of a signature, and of what is said of a symbol. */
const MOST_SIGNATURE = 1_000;
const MOST_DOCSTRING = 10_000;

/** What all entities of a file have. */
export interface FileBase {
  path: string;
  language: string;
  lastModified: string;
  created: string;
}

export interface SymbolContext {
  /** Null where types are not looked at, and comments were not parsed. */
  checker: ts.TypeChecker | null;
  base: FileBase;
  isExported: boolean;
  /** Ids of what it calls. */
  calls: string[];
}

/** The entity of a symbol (KG-006…008). @param declarations its own in this file, at least one */
export function describeSymbol(
  id: string,
  declarations: readonly [ts.Declaration, ...ts.Declaration[]],
  { checker, base, isExported, calls }: SymbolContext,
): EntityFacts {
  const [first] = declarations;
  const file = first.getSourceFile();
  const start = first.getStart(file);
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  const written = checker ? null : writtenComment(first, file);
  const text = declarations.map((one) => one.getText(file)).join('\n');
  const symbol = {
    id,
    type: 'symbol',
    ...base,
    hash: hash('sha256', text).slice(0, 32),
    name: (qualifiedName(first) ?? []).join('.'),
    signature: signatureOf(first, file),
    docstring: cut(written?.text ?? docstringOf(first), MOST_DOCSTRING),
    visibility: visibilityOf(first),
    isExported,
    isDeprecated: written?.isDeprecated ?? ts.getJSDocDeprecatedTag(first) !== undefined,
    location: {
      line: line + 1,
      column: character + 1,
      start,
      end: first.getEnd(),
      endLine: file.getLineAndCharacterOfPosition(first.getEnd()).line + 1,
    },
  };
  return { ...symbol, ...shapeOf(declarations, checker, calls) };
}

function shapeOf(declarations: readonly ts.Declaration[], checker: ts.TypeChecker | null, calls: string[]): object {
  for (const node of declarations) {
    const value = expressed(node);
    if (isFunction(node) || (isFunction(value) && !ts.isClassElement(node)))
      return functionShape(isFunction(node) ? node : (value as ts.FunctionLikeDeclaration), checker, calls);
    if (ts.isClassLike(value)) return classShape(value);
  }
  for (const node of declarations) {
    if (ts.isInterfaceDeclaration(node)) return interfaceShape(node);
    if (ts.isTypeAliasDeclaration(node) && declarations.length === 1) return aliasShape(node);
  }
  const [node] = declarations;
  return { kind: node ? plainKind(node) : 'unknown' };
}

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node);
}

/** The function or class that a variable or export is. */
function expressed(node: ts.Declaration): ts.Node {
  let value: ts.Node = node;
  if (ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node)) value = node.initializer ?? node;
  if (ts.isExportAssignment(node)) value = node.expression;
  return namedBy(value) === node ? value : node;
}

function plainKind(node: ts.Declaration): string {
  if (ts.isVariableDeclaration(node) || ts.isBindingElement(node) || ts.isExportAssignment(node)) return 'variable';
  if (ts.isMethodDeclaration(node) || ts.isMethodSignature(node) || ts.isConstructorDeclaration(node)) return 'method';
  const isProperty =
    ts.isPropertyDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isAccessor(node) ||
    ts.isEnumMember(node) ||
    ts.isParameter(node) ||
    ts.isPropertyAssignment(node) ||
    ts.isShorthandPropertyAssignment(node);
  return isProperty ? 'property' : 'unknown';
}

function functionShape(node: ts.FunctionLikeDeclaration, checker: ts.TypeChecker | null, calls: string[]): object {
  const file = node.getSourceFile();
  return {
    kind: 'function',
    parameters: node.parameters.map((parameter) => ({
      name: parameter.name.getText(file),
      type: parameter.type?.getText(file) ?? '',
      ...(parameter.initializer ? { defaultValue: cut(parameter.initializer.getText(file), MOST_SIGNATURE) } : {}),
      optional: parameter.questionToken !== undefined || parameter.initializer !== undefined,
    })),
    returnType: node.type?.getText(file) ?? inferredReturn(node, checker),
    isAsync: (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Async) !== 0 || hasAsync(node),
    isGenerator: node.asteriskToken !== undefined,
    complexity: complexityOf(node),
    calls,
  };
}

function hasAsync(node: ts.FunctionLikeDeclaration): boolean {
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((one) => one.kind === ts.SyntaxKind.AsyncKeyword)
  );
}

function inferredReturn(node: ts.FunctionLikeDeclaration, checker: ts.TypeChecker | null): string {
  const signature = checker?.getSignatureFromDeclaration(node);
  return checker && signature ? cut(typeText(signature.getReturnType(), checker, node), MOST_SIGNATURE) : '';
}

function classShape(node: ts.ClassLikeDeclaration): object {
  const names = (test: (one: ts.ClassElement) => boolean) => memberNames(node.members.filter(test));
  return {
    kind: 'class',
    extends: heritage(node, ts.SyntaxKind.ExtendsKeyword),
    implements: heritage(node, ts.SyntaxKind.ImplementsKeyword),
    methods: names((one) => ts.isMethodDeclaration(one)),
    properties: names((one) => ts.isPropertyDeclaration(one) || ts.isAccessor(one)),
    isAbstract: (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Abstract) !== 0,
  };
}

function interfaceShape(node: ts.InterfaceDeclaration): object {
  return {
    kind: 'interface',
    extends: heritage(node, ts.SyntaxKind.ExtendsKeyword),
    methods: memberNames(node.members.filter((one) => ts.isMethodSignature(one))),
    properties: memberNames(node.members.filter((one) => ts.isPropertySignature(one) || ts.isAccessor(one))),
  };
}

function aliasShape({ type }: ts.TypeAliasDeclaration): object {
  return {
    kind: 'typeAlias',
    aliasedType: cut(type.getText(type.getSourceFile()), MOST_SIGNATURE),
    isUnion: ts.isUnionTypeNode(type),
    isIntersection: ts.isIntersectionTypeNode(type),
  };
}

function heritage(node: ts.ClassLikeDeclaration | ts.InterfaceDeclaration, token: ts.SyntaxKind): string[] {
  const clauses = (node.heritageClauses ?? []).filter((clause) => clause.token === token);
  return clauses.flatMap(({ types }) => types.map((type) => type.expression.getText(node.getSourceFile())));
}

function memberNames(members: readonly (ts.ClassElement | ts.TypeElement)[]): string[] {
  return [...new Set(members.flatMap(({ name }) => (name ? [name.getText(name.parent.getSourceFile())] : [])))];
}

function visibilityOf(node: ts.Declaration): 'public' | 'private' | 'protected' {
  const name = ts.getNameOfDeclaration(node);
  const flags = ts.getCombinedModifierFlags(node);
  if ((name && ts.isPrivateIdentifier(name)) || flags & ts.ModifierFlags.Private) return 'private';
  return flags & ts.ModifierFlags.Protected ? 'protected' : 'public';
}

/** How it is declared, without what it does. */
function signatureOf(node: ts.Declaration, file: ts.SourceFile): string {
  const value = expressed(node);
  const start = node.getStart(file);
  const end = endOfSignature(value === node ? node : value, file) ?? node.getEnd();
  return cut(file.text.slice(start, end).replace(/\s+/g, ' ').trim(), MOST_SIGNATURE);
}

function endOfSignature(node: ts.Node, file: ts.SourceFile): number | null {
  if (ts.isFunctionLike(node) && 'body' in node && node.body) return (node.body as ts.Node).getStart(file);
  const withMembers = ts.isClassLike(node) || ts.isInterfaceDeclaration(node) || ts.isEnumDeclaration(node);
  if (withMembers) return node.members.pos - 1;
  if (ts.isModuleDeclaration(node) && node.body) return node.body.getStart(file);
  return null;
}

function docstringOf(node: ts.Declaration): string {
  const holder = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  const texts = ts.getJSDocCommentsAndTags(holder).flatMap((one) => ts.getTextOfJSDocComment(one.comment) ?? []);
  return texts.join('\n');
}

function cut(text: string, most: number): string {
  return text.slice(0, most).toWellFormed();
}
