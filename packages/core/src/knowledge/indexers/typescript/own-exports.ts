import ts from 'typescript';

/** The names of the file's own declarations that others may import from it, by whatever name. */
export function exportedNames(file: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of file.statements) {
    if (ts.isExportAssignment(statement)) {
      names.add(statement.isExportEquals ? 'export=' : 'default');
      if (ts.isIdentifier(statement.expression)) names.add(statement.expression.text);
    } else if (ts.isExportDeclaration(statement)) addSpecifiers(statement, names);
    else if (isMarked(statement)) addDeclared(statement, names);
  }
  return names;
}

function isMarked(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

function addSpecifiers({ moduleSpecifier, exportClause }: ts.ExportDeclaration, names: Set<string>): void {
  if (moduleSpecifier || !exportClause || !ts.isNamedExports(exportClause)) return;
  for (const { propertyName, name } of exportClause.elements) names.add((propertyName ?? name).text);
}

function addDeclared(statement: ts.Statement, names: Set<string>): void {
  if (ts.isVariableStatement(statement)) {
    for (const { name } of statement.declarationList.declarations) addBound(name, names);
    return;
  }
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
    names.add(statement.name?.text ?? 'default');
  else if ('name' in statement && ts.isIdentifier(statement.name as ts.Node))
    names.add((statement.name as ts.Identifier).text);
}

function addBound(name: ts.BindingName, names: Set<string>): void {
  if (ts.isIdentifier(name)) names.add(name.text);
  else for (const one of name.elements) if (ts.isBindingElement(one)) addBound(one.name, names);
}
