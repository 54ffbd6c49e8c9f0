import { dirname, join } from 'node:path/posix';
import ts from 'typescript';

/** Files that are compiled with the same options. */
export interface SourceGroup {
  options: ts.CompilerOptions;
  /** Absolute. */
  files: string[];
}

/** What JavaScript and TypeScript are read with where no configuration says. */
const PLAIN: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  jsx: ts.JsxEmit.Preserve,
  strict: true,
  resolveJsonModule: true,
  allowImportingTsExtensions: true,
};
/** Nothing is written, and JavaScript counts. */
const READING: ts.CompilerOptions = { noEmit: true, allowJs: true, checkJs: false, skipLibCheck: true };
/** Options that say what is written, and where: of no account for what code means. */
const WRITING = [
  'outDir',
  'outFile',
  'rootDir',
  'rootDirs',
  'declaration',
  'declarationDir',
  'declarationMap',
  'emitDeclarationOnly',
  'sourceMap',
  'inlineSourceMap',
  'sourceRoot',
  'mapRoot',
  'composite',
  'incremental',
  'tsBuildInfoFile',
  'configFilePath',
  'project',
  'plugins',
  'noUnusedLocals',
  'noUnusedParameters',
] as const;
const CONFIG = /(?:^|\/)(?:tsconfig|jsconfig)\.json$/;

interface Configuration {
  path: string;
  options: ts.CompilerOptions;
  files: Set<string>;
}

/**
 * Which files go together: each by the configuration that includes it, else by the nearest above it, else with plain options.
 * Configurations that differ in nothing but what they write are one, so that a workspace of many packages is one program.
 *
 * @param root absolute, without a slash at its end
 * @param sources absolute paths of what is to be read
 * @param listed all files of the workspace, relative to it
 */
export function groupSources(
  root: string,
  sources: readonly string[],
  listed: readonly string[],
  host: ts.ParseConfigHost = ts.sys,
): SourceGroup[] {
  const configurations = readConfigurations(
    listed.filter((path) => CONFIG.test(path)).map((path) => join(root, path)),
    root,
    host,
  );
  const groups = new Map<string, SourceGroup>();
  for (const file of sources) {
    const found = configurationOf(file, configurations);
    const options = { ...(found?.options ?? PLAIN), ...READING };
    const key = JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
    const group = groups.get(key) ?? { options, files: [] };
    group.files.push(file);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function readConfigurations(paths: readonly string[], root: string, host: ts.ParseConfigHost): Configuration[] {
  const found = new Map<string, Configuration>();
  const queue = [...paths];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (found.has(path) || !path.startsWith(`${root}/`)) continue;
    const { config, error } = ts.readConfigFile(path, (name) => host.readFile(name));
    if (error || config === undefined) continue;
    const parsed = ts.parseJsonConfigFileContent(config, host, dirname(path), undefined, path);
    found.set(path, { path, options: withoutWriting(parsed.options), files: new Set(parsed.fileNames) });
    for (const reference of parsed.projectReferences ?? []) queue.push(ts.resolveProjectReferencePath(reference));
  }
  // The nearest first.
  return [...found.values()].sort((a, b) => b.path.length - a.path.length);
}

function configurationOf(file: string, configurations: readonly Configuration[]): Configuration | undefined {
  const above = configurations.filter(({ path }) => file.startsWith(`${dirname(path)}/`));
  return (
    above.find(({ files }) => files.has(file)) ??
    configurations.find(({ files }) => files.has(file)) ??
    above.find(({ files }) => files.size > 0) ??
    above[0]
  );
}

function withoutWriting(options: ts.CompilerOptions): ts.CompilerOptions {
  const left = { ...options };
  for (const name of WRITING) delete left[name];
  return left;
}
