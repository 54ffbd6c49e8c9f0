import ts from 'typescript';
import type { SourceFileState } from '../../file-facts.ts';
import { openSources } from '../index-sources.ts';
import { readOccurrences } from '../read-occurrences.ts';

export interface Comparison {
  symbols: number;
  /** Exported symbols whose definition is the one that the language service finds. */
  sameDefinitions: number;
  /** References as both see them, and as one of them sees them alone. */
  both: number;
  missed: string[];
  invented: string[];
}

/** Definitions and references of each exported symbol of these files, as we find them and as TypeScript's language service does. */
export function compareWithLanguageService(
  root: string,
  listed: readonly SourceFileState[],
  wanted: (path: string) => boolean,
): Comparison {
  const { programs } = openSources(root, listed);
  const result: Comparison = { symbols: 0, sameDefinitions: 0, both: 0, missed: [], invented: [] };
  for (const opened of programs) {
    const { program, ids } = opened;
    const checker = program.getTypeChecker();
    const pathOf = new Map(opened.files.map(({ file, state }) => [file.fileName, state.path]));
    const found = new Map<string, Set<string>>();
    const defined = new Map<string, string>();
    for (const { file, state } of opened.files) {
      const { occurrences } = readOccurrences({ ...opened, path: state.path }, file);
      for (const { type, toId, line, column } of occurrences) {
        const place = `${state.path}:${line}:${column}`;
        if (type === 'DEFINES' && !defined.has(toId)) defined.set(toId, place);
        if (line === null || type === 'DEFINES' || type === 'CONTAINS' || type === 'TESTS') continue;
        found.set(toId, (found.get(toId) ?? new Set()).add(place));
      }
    }
    const service = serviceFor(program);
    for (const { file, state } of opened.files.filter(({ state }) => wanted(state.path))) {
      const module = checker.getSymbolAtLocation(file);
      for (const symbol of module ? checker.getExportsOfModule(module) : []) {
        const [declaration] = symbol.declarations ?? [];
        const name = declaration && ts.getNameOfDeclaration(declaration);
        const [id] = ids.of(symbol);
        if (!declaration || !name || id === undefined || declaration.getSourceFile() !== file) continue;
        if (symbol.flags & ts.SymbolFlags.Alias) continue;
        result.symbols += 1;
        const entries = symbol.declarations?.flatMap((one) => referencesTo(service, one)) ?? [];
        const placeOf = ({ fileName, textSpan }: ts.DocumentSpan) => {
          const target = program.getSourceFile(fileName);
          const path = pathOf.get(fileName);
          if (!target || path === undefined) return [];
          const { line, character } = target.getLineAndCharacterOfPosition(textSpan.start);
          return [`${path}:${line + 1}:${character + 1}`];
        };
        const definition = entries.filter(({ isDefinition }) => isDefinition === true).flatMap(placeOf);
        if (definition.includes(defined.get(id) ?? '')) result.sameDefinitions += 1;
        const theirs = new Set(entries.filter(isUse(program)).flatMap(placeOf));
        const declared = new Set([`${state.path}`]);
        const ours = new Set(
          [...(found.get(id) ?? [])].filter((place) => !isDeclaredAt(symbol, file, place, declared)),
        );
        for (const place of theirs) {
          if (ours.has(place)) result.both += 1;
          else result.missed.push(`${symbol.name} at ${place}`);
        }
        for (const place of ours) if (!theirs.has(place)) result.invented.push(`${symbol.name} at ${place}`);
      }
    }
  }
  return result;
}

/** A constant and a type of one name are one symbol, and the service tells of each declaration what refers to that meaning. */
function referencesTo(service: ts.LanguageService, declaration: ts.Declaration): ts.ReferencedSymbolEntry[] {
  const name = ts.getNameOfDeclaration(declaration);
  if (!name) return [];
  const found = service.findReferences(declaration.getSourceFile().fileName, name.getStart()) ?? [];
  return found.flatMap(({ references }) => references);
}

/** Not where it is declared: of that the other comparison tells. */
function isUse(program: ts.Program): (entry: ts.ReferencedSymbolEntry) => boolean {
  return ({ fileName, textSpan }) => {
    const node = program.getSourceFile(fileName) && tokenAt(program.getSourceFile(fileName), textSpan.start);
    return node !== undefined && !isOwnName(node);
  };
}

function isOwnName(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isShorthandPropertyAssignment(parent))
    return false;
  if (ts.isPropertyAccessExpression(parent) || ts.isBindingElement(parent)) return false;
  if (ts.isImportClause(parent)) return false;
  return 'name' in parent && parent.name === node;
}

function isDeclaredAt(symbol: ts.Symbol, file: ts.SourceFile, place: string, own: ReadonlySet<string>): boolean {
  return (symbol.declarations ?? []).some((declaration) => {
    const name = ts.getNameOfDeclaration(declaration);
    if (!name) return false;
    const { line, character } = file.getLineAndCharacterOfPosition(name.getStart(file));
    return [...own].some((path) => place === `${path}:${line + 1}:${character + 1}`);
  });
}

function tokenAt(file: ts.SourceFile | undefined, position: number): ts.Node | undefined {
  const find = (node: ts.Node): ts.Node | undefined =>
    node.getStart(file) <= position && position < node.getEnd() ? (ts.forEachChild(node, find) ?? node) : undefined;
  return file && ts.forEachChild(file, find);
}

/** The service reads what the program has read: it is its judgement that is asked for, not its parser's. */
function serviceFor(program: ts.Program): ts.LanguageService {
  const textOf = (name: string) => program.getSourceFile(name)?.text ?? ts.sys.readFile(name);
  const parsed = ts.createDocumentRegistry();
  const acquire = parsed.acquireDocumentWithKey;
  parsed.acquireDocumentWithKey = (...given) => program.getSourceFile(given[0]) ?? acquire(...given);
  return ts.createLanguageService(
    {
      getCompilationSettings: () => program.getCompilerOptions(),
      getScriptFileNames: () => [...program.getRootFileNames()],
      getScriptVersion: () => '1',
      getScriptSnapshot: (name) => {
        const text = textOf(name);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => program.getCurrentDirectory(),
      getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
      fileExists: (name) => program.getSourceFile(name) !== undefined || ts.sys.fileExists(name),
      readFile: textOf,
      directoryExists: (name) => ts.sys.directoryExists(name),
      realpath: (name) => ts.sys.realpath?.(name) ?? name,
    },
    parsed,
  );
}
