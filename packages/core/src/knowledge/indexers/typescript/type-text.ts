import ts from 'typescript';

const FLAGS =
  ts.NodeBuilderFlags.UseAliasDefinedOutsideCurrentScope |
  ts.NodeBuilderFlags.AllowUniqueESSymbolType |
  ts.NodeBuilderFlags.IgnoreErrors;
const printer = ts.createPrinter({ removeComments: true, omitTrailingSemicolon: true });

/**
 * A type as it would be written. The members of a union are sorted, for the checker has them in the order in which it came upon them,
 * which is another one with each set of files that is read. Which of them it leaves out of a long text still hangs on that.
 * @param at from where it is looked at
 */
export function typeText(type: ts.Type, checker: ts.TypeChecker, at: ts.Node): string {
  const text = checker.typeToString(type, at);
  if (!text.includes(' | ')) return text;
  const written = checker.typeToTypeNode(type, at, FLAGS);
  if (!written) return text;
  const file = at.getSourceFile();
  const print = (node: ts.Node) => printer.printNode(ts.EmitHint.Unspecified, node, file).replace(/\s+/g, ' ');
  const sorted = (node: ts.Node): ts.Node => {
    const inside = ts.visitEachChild(node, sorted, undefined);
    if (!ts.isUnionTypeNode(inside)) return inside;
    const members = inside.types.map((member) => ({ member, text: print(member), rank: rankOf(member) }));
    members.sort((a, b) => a.rank - b.rank || (a.text < b.text ? -1 : Number(a.text > b.text)));
    return ts.factory.updateUnionTypeNode(inside, ts.factory.createNodeArray(members.map(({ member }) => member)));
  };
  return print(sorted(written));
}

/** Last comes what stands for nothing, as people write it. */
function rankOf(member: ts.TypeNode): number {
  if (member.kind === ts.SyntaxKind.UndefinedKeyword) return 2;
  return ts.isLiteralTypeNode(member) && member.literal.kind === ts.SyntaxKind.NullKeyword ? 1 : 0;
}
