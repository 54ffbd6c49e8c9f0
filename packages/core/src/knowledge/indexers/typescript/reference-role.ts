import ts from 'typescript';
import type { RawEdge } from '../../edges/raw-edge.ts';
import type { RelationshipType } from '../../vocabulary/relationship-type.ts';
import { unwrapped } from './symbol-name.ts';

export interface Role {
  type: RelationshipType;
  says: RawEdge;
}

/** What somebody does to what a name stands for, by where the name stands. @param flags of the symbol it stands for */
export function rolesOf(node: ts.Node, flags: ts.SymbolFlags): Role[] {
  if (isInType(node)) return [typeRole(node)];
  const expression = expressionOf(node);
  const heritage = heritageRole(expression);
  if (heritage) return [heritage];
  const called = callRole(expression);
  if (called) return [called];
  return writeRoles(expression) ?? use(flags);
}

/** The expression that a name is the last part of: `a.b.c` for `c`. */
function expressionOf(node: ts.Node): ts.Node {
  const { parent } = node;
  const isLast =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isQualifiedName(parent) && parent.right === node);
  return unwrapped(isLast ? parent : node);
}

function isInType(node: ts.Node): boolean {
  let { parent } = node;
  while (ts.isQualifiedName(parent)) parent = parent.parent;
  return ts.isTypeNode(parent) && !ts.isExpressionWithTypeArguments(parent);
}

/** In the type of a parameter, or of what is returned, or anywhere else. */
function typeRole(node: ts.Node): Role {
  for (let at = node; at.parent; at = at.parent) {
    const { parent } = at;
    if (ts.isParameter(parent) && parent.type === at) {
      const name = ts.isIdentifier(parent.name) ? { paramName: parent.name.text } : {};
      return { type: 'PARAM_TYPE', says: { kind: 'param', ...name } };
    }
    if (ts.isFunctionLike(parent) && parent.type === at) return { type: 'RETURNS_TYPE', says: { kind: 'return' } };
    if (!ts.isTypeNode(parent) && !ts.isQualifiedName(parent)) break;
  }
  return { type: 'TYPE_USES', says: { kind: 'type' } };
}

function heritageRole(expression: ts.Node): Role | null {
  const { parent } = expression;
  if (!ts.isExpressionWithTypeArguments(parent) || parent.expression !== expression) return null;
  if (!ts.isHeritageClause(parent.parent)) return null;
  const implemented = parent.parent.token === ts.SyntaxKind.ImplementsKeyword;
  return { type: implemented ? 'IMPLEMENTS' : 'EXTENDS', says: { kind: 'inheritance' } };
}

function callRole(expression: ts.Node): Role | null {
  const { parent } = expression;
  if (ts.isDecorator(parent)) return { type: 'CALLS', says: { kind: 'decorator' } };
  if (ts.isTaggedTemplateExpression(parent) && parent.tag === expression)
    return { type: 'CALLS', says: { kind: 'call' } };
  if (ts.isJsxOpeningElement(parent) || ts.isJsxSelfClosingElement(parent)) {
    return parent.tagName === expression ? { type: 'CALLS', says: { kind: 'call' } } : null;
  }
  const isCalled = (ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.expression === expression;
  if (!isCalled) return null;
  if (ts.isDecorator(parent.parent)) return { type: 'CALLS', says: { kind: 'decorator' } };
  return {
    type: 'CALLS',
    says: {
      kind: ts.isNewExpression(parent) ? 'instantiation' : 'call',
      arity: parent.arguments?.length ?? 0,
      isMethod: ts.isPropertyAccessExpression(expression),
      awaited: ts.isAwaitExpression(unwrapped(parent).parent),
    },
  };
}

/** Null where nothing is written. */
function writeRoles(expression: ts.Node): Role[] | null {
  const { parent } = expression;
  const written = (operator: string, reads: boolean): Role[] => [
    { type: 'WRITES', says: { kind: 'write', operator } },
    ...(reads ? use(ts.SymbolFlags.Variable) : []),
  ];
  if (ts.isBinaryExpression(parent) && parent.left === expression) {
    const { kind } = parent.operatorToken;
    const isWrite = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    if (isWrite) return written(parent.operatorToken.getText(), kind !== ts.SyntaxKind.EqualsToken);
  }
  if (ts.isPostfixUnaryExpression(parent) || ts.isPrefixUnaryExpression(parent)) {
    if (parent.operator === ts.SyntaxKind.PlusPlusToken) return written('++', true);
    if (parent.operator === ts.SyntaxKind.MinusMinusToken) return written('--', true);
  }
  if (ts.isDeleteExpression(parent)) return written('delete', false);
  return null;
}

const STORED = ts.SymbolFlags.Variable | ts.SymbolFlags.Property | ts.SymbolFlags.Accessor | ts.SymbolFlags.EnumMember;
const DONE = ts.SymbolFlags.Function | ts.SymbolFlags.Class | ts.SymbolFlags.Method;

function use(flags: ts.SymbolFlags): Role[] {
  return (flags & STORED) !== 0 && (flags & DONE) === 0
    ? [{ type: 'READS', says: { kind: 'read' } }]
    : [{ type: 'REFERENCES', says: { kind: 'identifier' } }];
}
