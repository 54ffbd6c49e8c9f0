import { createHash } from 'node:crypto';
import ts from 'typescript';

/**
 * A digest of all of a file that can matter to others: everything but what functions do whose types are written down. Where a type is
 * inferred, what it is inferred from counts. So a file with the same shape leads those that import it to nothing else.
 */
export function shapeOf(file: ts.SourceFile): string {
  const hash = createHash('sha256');
  const left: [start: number, end: number][] = [];
  if ((file.flags & ts.NodeFlags.JavaScriptFile) === 0) collect(file, file, left);
  let from = 0;
  for (const [start, end] of left) {
    hash.update(file.text.slice(from, start).replace(/\s+/g, ' '));
    from = end;
  }
  return hash.update(file.text.slice(from).replace(/\s+/g, ' ')).digest('hex');
}

function collect(node: ts.Node, file: ts.SourceFile, left: [number, number][]): void {
  const hidden = hiddenPart(node);
  ts.forEachChild(node, (child) => {
    if (child === hidden) left.push([child.getStart(file), child.getEnd()]);
    else collect(child, file, left);
  });
}

/** What a node does or holds whose type is written down: nobody else sees it. */
export function hiddenPart(node: ts.Node): ts.Node | undefined {
  if (ts.isConstructorDeclaration(node)) return hasUntypedField(node.parent) ? undefined : node.body;
  if (ts.isSetAccessor(node)) return node.body;
  const hasBody =
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isGetAccessor(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node);
  if (hasBody) return node.type ? node.body : undefined;
  const hasValue = ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isParameter(node);
  // Members of an object literal have names of their own, whatever type it is given.
  if (hasValue && node.initializer && ts.isObjectLiteralExpression(node.initializer)) return undefined;
  return hasValue && node.type ? node.initializer : undefined;
}

/** The type of such a field comes from what the constructor puts there. */
function hasUntypedField(node: ts.ClassLikeDeclaration): boolean {
  return node.members.some((member) => ts.isPropertyDeclaration(member) && !member.type && !member.initializer);
}
