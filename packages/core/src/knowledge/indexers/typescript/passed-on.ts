import ts from 'typescript';
import type { OpenProgram } from './open-program.ts';
import { hiddenPart } from './shape-of.ts';

/**
 * Whether others may see something else of a file once what it imports from another one has changed. They see what stands in its shape:
 * where no name of the import stands there, whoever imports the file need not be read again.
 *
 * @param root absolute, without a slash at its end
 * @returns of a file, and of one that it imports, both relative to the root
 */
export function passing(root: string, programs: readonly OpenProgram[]): (path: string, imported: string) => boolean {
  const opened = new Map(
    programs.flatMap(({ files, resolved }) =>
      files.map(({ file, state }) => [state.path, { file, imports: resolved.get(file.fileName) }] as const),
    ),
  );
  return (path, imported) => {
    const { file, imports } = opened.get(path) ?? {};
    const specifiers = file ? passedOn(file) : null;
    if (!specifiers || !imports) return true;
    return [...imports].some(([specifier, target]) => target === `${root}/${imported}` && specifiers.has(specifier));
  };
}

/** Of a file as it was parsed. */
const known = new WeakMap<ts.SourceFile, ReadonlySet<string> | null>();

/** Specifiers of the modules of which something may be seen through a file; null: of all that it imports. */
function passedOn(file: ts.SourceFile): ReadonlySet<string> | null {
  let found = known.get(file);
  if (found === undefined) {
    // JavaScript has no types that are written down, and JSX names what nobody sees.
    const isPlain = (file.flags & ts.NodeFlags.JavaScriptFile) === 0 && file.languageVariant !== ts.LanguageVariant.JSX;
    found = isPlain ? seenThrough(file) : null;
    known.set(file, found);
  }
  return found;
}

function seenThrough(file: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const through = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    if (ts.isIdentifier(node)) names.add(node.text);
    const specifier = specifierOf(node);
    if (specifier && ts.isStringLiteralLike(specifier)) through.add(specifier.text);
    const hidden = hiddenPart(node);
    ts.forEachChild(node, (child) => {
      if (child !== hidden) visit(child);
    });
  };
  visit(file);
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteralLike(statement.moduleSpecifier)) continue;
    if (namesOf(statement).some((name) => names.has(name))) through.add(statement.moduleSpecifier.text);
  }
  return through;
}

/** What a node leads to by itself, without a name: `export … from`, `import x = require(…)`, `import(…)` as a type and as a value. */
function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  const isImport = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isImport ? node.arguments[0] : undefined;
}

function namesOf({ importClause }: ts.ImportDeclaration): string[] {
  if (!importClause) return [];
  const { name, namedBindings } = importClause;
  const bound = namedBindings && ts.isNamedImports(namedBindings) ? namedBindings.elements : [namedBindings];
  return [name, ...bound.map((one) => one?.name)].flatMap((one) => one?.text ?? []);
}
