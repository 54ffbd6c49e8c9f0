import ts from 'typescript';

/** Where a declaration stands: in another one that has a name, in a file, or nowhere from where it could be named. */
export type Container = ts.Declaration | ts.SourceFile | null;

/** The declaration whose name a function or class expression goes by: that of the variable or property which it is the value of. */
export function namedBy(node: ts.Node): ts.Node {
  if (!ts.isFunctionExpression(node) && !ts.isArrowFunction(node) && !ts.isClassExpression(node)) return node;
  const outer = unwrapped(node);
  const { parent } = outer;
  const isValue =
    (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) &&
    parent.initializer === outer;
  if (isValue) return parent;
  if (ts.isExportAssignment(parent)) return parent;
  return node;
}

/** The outermost expression that is nothing but this one, in brackets or with another type. */
export function unwrapped(node: ts.Node): ts.Node {
  let outer = node;
  while (
    outer.parent &&
    (ts.isParenthesizedExpression(outer.parent) ||
      ts.isAsExpression(outer.parent) ||
      ts.isSatisfiesExpression(outer.parent) ||
      ts.isNonNullExpression(outer.parent) ||
      ts.isTypeAssertionExpression(outer.parent))
  ) {
    outer = outer.parent;
  }
  return outer;
}

/** Null for what is local to a function or block. */
export function containerOf(node: ts.Declaration): Container {
  if (ts.isSourceFile(node)) return null;
  if (ts.isVariableDeclaration(node)) {
    const statement = node.parent.parent;
    return ts.isVariableStatement(statement) ? ofStatement(statement) : null;
  }
  if (ts.isBindingElement(node)) {
    let outer: ts.Node = node;
    while (ts.isBindingElement(outer) || ts.isObjectBindingPattern(outer) || ts.isArrayBindingPattern(outer))
      outer = outer.parent;
    return ts.isVariableDeclaration(outer) ? containerOf(outer) : null;
  }
  if (ts.isParameter(node)) return ts.isParameterPropertyDeclaration(node, node.parent) ? node.parent.parent : null;
  if (ts.isEnumMember(node)) return node.parent;
  if (ts.isClassElement(node) || ts.isTypeElement(node) || ts.isObjectLiteralElement(node)) return ofMember(node);
  if (ts.isStatement(node)) return ofStatement(node);
  if (ts.isModuleDeclaration(node)) return node.parent && ts.isModuleDeclaration(node.parent) ? node.parent : null;
  // exports.name = …, module.exports.name = …
  if (ts.isPropertyAccessExpression(node) || ts.isBinaryExpression(node)) {
    let outer: ts.Node = node;
    while (ts.isBinaryExpression(outer) || ts.isPropertyAccessExpression(outer)) outer = outer.parent;
    return ts.isExpressionStatement(outer) ? ofStatement(outer) : null;
  }
  return null;
}

function ofMember(node: ts.ClassElement | ts.TypeElement | ts.ObjectLiteralElement): Container {
  const { parent } = node;
  if (!parent) return null;
  if (ts.isClassDeclaration(parent) || ts.isInterfaceDeclaration(parent)) return parent;
  if (ts.isClassExpression(parent)) return named(namedBy(parent));
  if (ts.isTypeLiteralNode(parent)) return ts.isTypeAliasDeclaration(parent.parent) ? parent.parent : null;
  if (!ts.isObjectLiteralExpression(parent)) return null;
  const outer = unwrapped(parent).parent;
  return (ts.isVariableDeclaration(outer) && containerOf(outer) !== null) || ts.isExportAssignment(outer)
    ? (outer as ts.Declaration)
    : null;
}

function named(node: ts.Node): Container {
  return ts.isClassExpression(node) ? null : (node as ts.Declaration);
}

function ofStatement({ parent }: ts.Node): Container {
  if (ts.isSourceFile(parent)) return parent;
  return ts.isModuleBlock(parent) ? parent.parent : null;
}

/** What a declaration calls itself; null where it has no name that says anything. */
export function ownName(node: ts.Declaration): string | null {
  if (ts.isExportAssignment(node)) return node.isExportEquals ? 'export=' : 'default';
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  // In quotes, as it is written: `declare module "fs"` is not the namespace fs.
  if (ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name)) return `"${node.name.text}"`;
  const name = ts.isBinaryExpression(node) ? assignedName(node.left) : ts.getNameOfDeclaration(node);
  if (name) return textOfName(name);
  return ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) ? 'default' : null;
}

function assignedName(left: ts.Expression): ts.DeclarationName | undefined {
  return ts.isPropertyAccessExpression(left) && ts.isIdentifier(left.name) ? left.name : undefined;
}

function textOfName(name: ts.DeclarationName): string | null {
  if (ts.isIdentifier(name) || ts.isPrivateIdentifier(name)) return name.text;
  if (ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)) return name.text;
  if (ts.isComputedPropertyName(name)) return `[${name.expression.getText(name.getSourceFile())}]`;
  if (ts.isElementAccessExpression(name)) return name.argumentExpression.getText(name.getSourceFile());
  return null;
}

/** The names of a declaration and of all that it stands in, outermost first; null for what is local. */
export function qualifiedName(node: ts.Declaration): string[] | null {
  const parts: string[] = [];
  for (let at: Container = node; at !== null && !ts.isSourceFile(at); at = containerOf(at)) {
    const own = ownName(at);
    if (own === null) return null;
    parts.unshift(own);
    const container = containerOf(at);
    if (container === null) return null;
    if (ts.isSourceFile(container)) return parts;
  }
  return null;
}

export function isStatic(declaration: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Static) !== 0;
}
