import ts from 'typescript';
import type { SymbolIds } from './symbol-ids.ts';

/** What a member of a class takes the place of in its base, or makes true of an interface. */
export function overridden(
  node: ts.Declaration,
  { checker, ids }: { checker: ts.TypeChecker; ids: SymbolIds },
): { type: 'OVERRIDES' | 'IMPLEMENTS'; toId: string }[] {
  const owner = node.parent;
  if (!ts.isClassElement(node) || !owner || !ts.isClassLike(owner) || !node.name || ts.isPrivateIdentifier(node.name))
    return [];
  if (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) return [];
  const name = checker.getSymbolAtLocation(node.name)?.name;
  if (name === undefined) return [];
  return (owner.heritageClauses ?? []).flatMap((clause) => {
    const type = clause.token === ts.SyntaxKind.ImplementsKeyword ? 'IMPLEMENTS' : 'OVERRIDES';
    return clause.types.flatMap((base) => {
      const property = checker.getTypeAtLocation(base).getProperty(name);
      return ids.of(property).map((toId) => ({ type, toId }) as const);
    });
  });
}
