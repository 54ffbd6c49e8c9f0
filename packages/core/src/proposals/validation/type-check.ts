import { dirname, join } from 'node:path/posix';
import ts from 'typescript';
import type { Issue } from '../../specs/index.ts';

export interface TypeCheckStart {
  /** Absolute real path of the workspace, without a slash at its end. */
  root: string;
  /** Relative to it: what is to be told of. */
  files: string[];
  /** What files would hold, by path relative to the root; null for those that would be gone. */
  proposed: Record<string, string | null>;
}

export interface TypeChecked {
  issues: Issue[];
  /** Files that were looked at, those that import the ones that are told of among them. */
  checked: string[];
  /** Files that no configuration includes, so that nobody knows how they are meant. */
  unconfigured: string[];
  /** Where the imports of proposed files lead, by path; both relative to the root. */
  imports: Record<string, string[]>;
}

const SOURCE = /\.[cm]?[jt]sx?$/;
const CONFIGS = ['tsconfig.json', 'jsconfig.json'];

/**
 * What the compiler says of files of a workspace, as their own configuration has it, and of what imports them: another signature breaks those that
 * call. Proposed text stands in place of what is on the disk, where nothing is written.
 */
export function checkTypes({ root, files, proposed }: TypeCheckStart): TypeChecked {
  const overlay = new Map(Object.entries(proposed).map(([path, text]) => [join(root, path), text]));
  const system = overlaid(overlay);
  const groups = new Map<string, Set<string>>();
  const unconfigured: string[] = [];
  for (const path of files.filter((one) => SOURCE.test(one))) {
    const config = configurationOf(root, join(root, path), system);
    if (config === null) unconfigured.push(path);
    else groups.set(config, (groups.get(config) ?? new Set()).add(join(root, path)));
  }
  const result: TypeChecked = { issues: [], checked: [], unconfigured, imports: {} };
  for (const [config, wanted] of groups) checkGroup(config, wanted, { root, overlay, system, result });
  result.issues.sort((a, b) => compare(`${a.file}`, `${b.file}`) || (a.line ?? 0) - (b.line ?? 0));
  return result;
}

interface Checking {
  root: string;
  overlay: ReadonlyMap<string, string | null>;
  system: ts.System;
  result: TypeChecked;
}

function checkGroup(config: string, wanted: ReadonlySet<string>, { root, overlay, system, result }: Checking): void {
  const parsed = parse(config, system);
  const options = { ...parsed.options, noEmit: true, incremental: false, composite: false };
  const there = parsed.fileNames.filter((name) => overlay.get(name) !== null);
  const fresh = [...wanted].filter((name) => overlay.get(name) !== null && !there.includes(name));
  const host = ts.createCompilerHost(options, true);
  host.readFile = system.readFile;
  host.fileExists = system.fileExists;
  host.directoryExists = system.directoryExists;
  host.getSourceFile = (name, how) => {
    const text = system.readFile(name);
    return text === undefined ? undefined : ts.createSourceFile(name, text, how, true);
  };
  const program = ts.createProgram({ rootNames: [...there, ...fresh], options, host });
  const imports = importsOf(program, root);
  const scope = new Set([...wanted].filter((name) => program.getSourceFile(name)));
  const gone = [...overlay].flatMap(([name, text]) => (text === null && wanted.has(name) ? [name] : []));
  for (const name of importersOf([...scope, ...gone], program, imports)) scope.add(name);
  const relative = (name: string) => name.slice(root.length + 1);
  const all = [...program.getOptionsDiagnostics(), ...parsed.errors.filter(({ code }) => code !== NO_INPUTS)];
  for (const name of scope) {
    const file = program.getSourceFile(name);
    if (!file) continue;
    result.checked.push(relative(name));
    all.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file));
    if (overlay.has(name)) result.imports[relative(name)] = (imports.get(name) ?? []).map(relative);
  }
  result.issues.push(...all.map((one) => issueOf(one, root)));
}

/** That a configuration names no files that there are: what it is asked for may be the first. */
const NO_INPUTS = 18_003;

/** The nearest configuration above that includes a file, or one that it refers to; for a new file the nearest that includes any. */
function configurationOf(root: string, file: string, system: ts.System): string | null {
  let fallback: string | null = null;
  for (let directory = dirname(file); directory.length >= root.length; directory = dirname(directory)) {
    for (const name of CONFIGS) {
      const path = join(directory, name);
      if (!system.fileExists(path)) continue;
      for (const one of [path, ...referredBy(path, system)]) {
        const { fileNames } = parse(one, system);
        if (fileNames.includes(file)) return one;
        if (fallback === null && (fileNames.length > 0 || one === path)) fallback = one;
      }
    }
  }
  // A file that is there, and that they all leave out, is none of theirs.
  return ts.sys.fileExists(file) ? null : fallback;
}

function referredBy(path: string, system: ts.System): string[] {
  return (parse(path, system).projectReferences ?? [])
    .map((reference) => ts.resolveProjectReferencePath(reference))
    .filter((one) => system.fileExists(one));
}

function parse(path: string, system: ts.System): ts.ParsedCommandLine {
  const { config, error } = ts.readConfigFile(path, system.readFile);
  const parsed = ts.parseJsonConfigFileContent(config ?? {}, system, dirname(path), undefined, path);
  return error ? { ...parsed, errors: [error, ...parsed.errors] } : parsed;
}

function overlaid(overlay: ReadonlyMap<string, string | null>): ts.System {
  return {
    ...ts.sys,
    readFile: (name, encoding) => {
      const text = overlay.get(name);
      return text === undefined ? ts.sys.readFile(name, encoding) : (text ?? undefined);
    },
    fileExists: (name) => {
      const text = overlay.get(name);
      return text === undefined ? ts.sys.fileExists(name) : text !== null;
    },
    directoryExists: (name) =>
      ts.sys.directoryExists(name) || [...overlay].some(([path, text]) => text !== null && path.startsWith(`${name}/`)),
  };
}

function importsOf(program: ts.Program, root: string): Map<string, string[]> {
  const checker = program.getTypeChecker();
  const found = new Map<string, string[]>();
  for (const file of program.getSourceFiles()) {
    if (!isOwn(file.fileName, root)) continue;
    const targets = new Set<string>();
    const visit = (node: ts.Node) => {
      if (ts.isStringLiteralLike(node) && isSpecifier(node)) {
        const symbol = checker.getSymbolAtLocation(node);
        const target = symbol?.declarations?.find(ts.isSourceFile)?.fileName;
        if (target !== undefined && isOwn(target, root)) targets.add(target);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
    found.set(file.fileName, [...targets].sort());
  }
  return found;
}

function isSpecifier({ parent }: ts.Node): boolean {
  return (
    ts.isImportDeclaration(parent) ||
    ts.isExportDeclaration(parent) ||
    ts.isExternalModuleReference(parent) ||
    (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword)
  );
}

function isOwn(name: string, root: string): boolean {
  return name.startsWith(`${root}/`) && !name.includes('/node_modules/');
}

/** Whatever imports one of these, directly or not. What names a file that is gone is found by its text, since it leads nowhere. */
function importersOf(
  names: readonly string[],
  program: ts.Program,
  imports: ReadonlyMap<string, readonly string[]>,
): Set<string> {
  const found = new Set(names.filter((name) => program.getSourceFile(name)));
  const gone = names
    .filter((name) => !program.getSourceFile(name))
    .map((name) => name.replace(/^.*\//, '').replace(/\.[^.]+$/, ''));
  for (const file of gone.length > 0 ? imports.keys() : []) {
    const text = program.getSourceFile(file)?.text ?? '';
    if (gone.some((name) => text.includes(name))) found.add(file);
  }
  for (let grew = true; grew; ) {
    grew = false;
    for (const [file, targets] of imports) {
      if (found.has(file) || !targets.some((target) => found.has(target))) continue;
      found.add(file);
      grew = true;
    }
  }
  return found;
}

function issueOf({ file, start, code, category, messageText }: ts.Diagnostic, root: string): Issue {
  const at = file && start !== undefined ? file.getLineAndCharacterOfPosition(start) : null;
  const own = file !== undefined && isOwn(file.fileName, root);
  return {
    file: own ? file.fileName.slice(root.length + 1) : null,
    line: at === null ? null : at.line + 1,
    column: at === null ? null : at.character + 1,
    rule: `TS${code}`,
    severity:
      category === ts.DiagnosticCategory.Error
        ? 'error'
        : category === ts.DiagnosticCategory.Warning
          ? 'warning'
          : 'info',
    message: ts.flattenDiagnosticMessageText(messageText, '\n').slice(0, 4_000),
    suggestion: null,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
