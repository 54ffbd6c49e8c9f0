import ts from 'typescript';

/** What may have a name of its own in the graph. */
export function isDeclaration(node: ts.Node): node is ts.Declaration {
  return (
    ts.isVariableDeclaration(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isEnumMember(node) ||
    ts.isModuleDeclaration(node) ||
    ts.isExportAssignment(node) ||
    ts.isClassElement(node) ||
    ts.isTypeElement(node) ||
    ts.isObjectLiteralElement(node) ||
    (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent)) ||
    (ts.isPropertyAccessExpression(node) && isExportsAssignment(node.parent) && node.parent.left === node)
  );
}

/** `exports.name = …`, `module.exports.name = …`, as JavaScript has it. */
export function isExportsAssignment(node: ts.Node): node is ts.BinaryExpression {
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    (node.flags & ts.NodeFlags.JavaScriptFile) !== 0 &&
    ts.isPropertyAccessExpression(node.left) &&
    /^(?:module\.)?exports$/.test(node.left.expression.getText(node.getSourceFile()))
  );
}
