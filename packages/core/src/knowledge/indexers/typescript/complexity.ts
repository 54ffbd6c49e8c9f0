import ts from 'typescript';

const BRANCHES = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.IfStatement,
  ts.SyntaxKind.ConditionalExpression,
  ts.SyntaxKind.CaseClause,
  ts.SyntaxKind.CatchClause,
  ts.SyntaxKind.ForStatement,
  ts.SyntaxKind.ForInStatement,
  ts.SyntaxKind.ForOfStatement,
  ts.SyntaxKind.WhileStatement,
  ts.SyntaxKind.DoStatement,
]);
const SHORT_CIRCUITS = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);

/** Ways through a function (McCabe): 1, and one more for each branch, those of functions within it too. */
export function complexityOf(node: ts.Node): number {
  let ways = 1;
  const count = (at: ts.Node): void => {
    if (BRANCHES.has(at.kind) || (ts.isBinaryExpression(at) && SHORT_CIRCUITS.has(at.operatorToken.kind))) ways += 1;
    ts.forEachChild(at, count);
  };
  ts.forEachChild(node, count);
  return ways;
}
