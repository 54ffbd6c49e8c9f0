import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runChild, wasInterrupted } from './run-child.mjs';

/** What a package is built from, besides `src`. */
const INPUTS = ['src', 'public', 'package.json', 'tsconfig.json', 'vite.config.ts', 'index.html'];
const SHARED_INPUTS = ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json', 'scripts/launcher/bundle.mjs'];
const STAMP = join('node_modules', '.signalbox-build');
const COMPILER = join('node_modules', 'typescript-native', 'bin', 'tsc');
/** The program as one piece, which is what starts. */
const PROGRAM = join('packages', 'cli', 'dist', 'bundle', 'signalbox.js');

/**
 * Whether everything is built from the sources as they are.
 * @param {string} root
 */
export function isBuilt(root) {
  const stamp = join(root, STAMP);
  return (
    existsSync(stamp) &&
    packagesOf(root).every((folder) => existsSync(join(folder, 'dist', builtFile(folder)))) &&
    existsSync(join(root, PROGRAM)) &&
    readFileSync(stamp, 'utf8') === fingerprint(root)
  );
}

/**
 * Builds the packages, the program of them and the dashboard.
 * @param {string} root
 * @param {string} node the Node to build with.
 * @returns {Promise<number>} 0, or the exit code of the step that failed.
 */
export async function build(root, node) {
  const before = fingerprint(root);
  const compiled = await compile(root, node);
  if (compiled !== 0 || wasInterrupted()) return compiled;
  const steps = [
    [root, 'scripts/launcher/bundle.mjs'],
    [join(root, 'packages', 'dashboard'), 'node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'],
  ];
  for (const [cwd, program, ...args] of steps) {
    const code = await runChild(node, [join(root, program), ...args], { cwd });
    if (code !== 0 || wasInterrupted()) return code;
  }
  writeFileSync(join(root, STAMP), before);
  return 0;
}

/**
 * Compiles the packages; where that fails on top of what an earlier build has left, once more without it.
 * @param {string} root
 * @param {string} node the Node to build with.
 * @returns {Promise<number>} exit code of the compiler.
 */
export async function compile(root, node) {
  const complete = packagesOf(root).every((folder) => existsSync(join(folder, 'dist')));
  const left = compiledIn(root);
  const run = (...how) => runChild(node, [join(root, COMPILER), '-b', ...how], { cwd: root });
  const code = await run(...(complete ? [] : ['--force']));
  if (code === 0 || wasInterrupted() || left.length === 0) return code;
  process.stderr.write('That may be for what an interrupted build left behind: once more, from the start.\n');
  for (const path of compiledIn(root)) rmSync(path, { recursive: true });
  return run();
}

/**
 * What the compiler has written. A build that was ended half-way may leave it sure of files that are not there, and no later one mends that.
 * @returns {string[]}
 */
function compiledIn(root) {
  return packagesOf(root)
    .filter((folder) => builtFile(folder) === 'index.js')
    .flatMap((folder) => [join(folder, 'dist'), ...buildInfosOf(folder)])
    .filter((path) => existsSync(path));
}

function buildInfosOf(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tsbuildinfo'))
    .map((name) => join(folder, name));
}

/** Hash of every source with its path. Contents, not times: a clone or a checkout touches files without changing them. */
function fingerprint(root) {
  const hash = createHash('sha256');
  const files = [
    ...SHARED_INPUTS.map((name) => join(root, name)),
    ...packagesOf(root).flatMap((folder) => INPUTS.flatMap((name) => filesUnder(join(folder, name)))),
  ];
  for (const file of files.filter((name) => !/\.test\.tsx?$/.test(name)).sort()) {
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function packagesOf(root) {
  const folder = join(root, 'packages');
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'package.json')));
}

function builtFile(folder) {
  return existsSync(join(folder, 'index.html')) ? 'index.html' : 'index.js';
}

/** @returns {string[]} the file itself, or the files below a directory; none where there is nothing. */
function filesUnder(path) {
  if (!existsSync(path)) return [];
  const entries = readdirSyncOrNull(path);
  if (entries === null) return [path];
  return entries.flatMap((entry) =>
    entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)],
  );
}

/** Null for what is not a directory. */
function readdirSyncOrNull(path) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') return null;
    throw error;
  }
}
