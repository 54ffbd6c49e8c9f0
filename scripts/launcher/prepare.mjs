import { build, isBuilt } from './build.mjs';
import { install, isInstalled, projectNode } from './install.mjs';
import { wasInterrupted } from './run-child.mjs';

/**
 * Brings a clone to the point where the program can run: installed and built, each only where something changed.
 * @param {string} root
 * @returns {Promise<string | null>} path of the Node to run it with; null when it was interrupted on the way.
 */
export async function prepare(root) {
  if (!isInstalled(root)) {
    await step('Installing (once; a minute or so)…', 'The installation', () => install(root));
    if (wasInterrupted()) return null;
  }
  const node = projectNode(root);
  if (!isBuilt(root)) {
    await step('Building…', 'The build', () => build(root, node));
    if (wasInterrupted()) return null;
  }
  return node;
}

async function step(announcement, name, work) {
  process.stderr.write(`${announcement}\n`);
  const code = await work();
  if (code !== 0 && !wasInterrupted()) throw new Error(`${name} failed with exit code ${code}; see above.`);
}
