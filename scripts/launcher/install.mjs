import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './run-child.mjs';

/**
 * Whether `node_modules` holds what the lock file asks for. npm writes its own record of what it installed as the last
 * step, so an installation that was broken off has none.
 * @param {string} root
 */
export function isInstalled(root) {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = packagesOf(record);
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    // What is optional may be missing: most of it is for other platforms.
    if (found === undefined) return wanted.optional === true || wanted.devOptional === true || wanted.peer === true;
    return found.version === wanted.version && found.resolved === (wanted.resolved ?? found.resolved);
  });
}

/**
 * Installs exactly what the lock file says.
 * @param {string} root
 * @returns {Promise<number>} npm's exit code.
 */
export function install(root) {
  // The npm that started us, on the Node that runs us: another one may not be on the path.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  return npm === undefined
    ? runChild('npm', args, { cwd: root })
    : runChild(process.execPath, [npm, ...args], { cwd: root });
}

/**
 * Path of the Node that this project is built for (devDependency `node`), or of the one that runs us where that could
 * not be installed and ours is new enough.
 * @param {string} root
 * @returns {string}
 */
export function projectNode(root) {
  const pinned = join(root, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(pinned)) return pinned;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return process.execPath;
  throw new Error(
    `Node 24 is missing from node_modules (its install script did not run), and Node ${process.versions.node} is too ` +
      'old to do without. Run `npm rebuild node`, or use Node 22.12 or newer.',
  );
}

/** @param {string} file */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
