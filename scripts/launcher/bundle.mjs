// Joins the program with everything it imports into a few files. Node would find, read and link some 1,900 modules
// otherwise, which is most of what a start takes.
//
//   node scripts/launcher/bundle.mjs            joins the build into packages/cli/dist/bundle
//   node scripts/launcher/bundle.mjs <folder>   joins the sources as they are into that folder, for tests

import { rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @param {object} options
 * @param {string} options.entry path of the module to begin with.
 * @param {string} options.folder where the files go; emptied first. The first to load bears the name `signalbox.js`.
 * @param {string[]} [options.conditions] export conditions, as of `node --conditions`.
 */
export async function bundleProgram({ entry, folder, conditions = [] }) {
  rmSync(folder, { recursive: true, force: true });
  const bundle = await rolldown({
    input: { signalbox: entry },
    platform: 'node',
    resolve: {
      conditionNames: [...conditions, 'node'],
      // What it names as its main file asks for its parts in a way that nobody who joins modules understands.
      alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    },
    plugins: [ownPlaces(folder)],
    // A library of ours calls eval on what it was compiled with.
    checks: { eval: false },
  });
  try {
    await bundle.write({ dir: folder, format: 'esm', chunkFileNames: '[name]-[hash].js' });
  } finally {
    await bundle.close();
  }
}

/**
 * Modules find what lies beside them (migrations, workers, the dashboard) by their own place: it stays what it was before
 * they were joined.
 * @param {string} folder
 */
function ownPlaces(folder) {
  return {
    name: 'own-places',
    transform: {
      filter: { code: 'import.meta.url' },
      /** @param {string} code @param {string} id */
      handler(code, id) {
        const place = JSON.stringify(relative(folder, id).split(sep).join('/'));
        return code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`);
      },
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const cli = join(root, 'packages', 'cli');
  const [folder] = process.argv.slice(2);
  if (folder === undefined)
    await bundleProgram({ entry: join(cli, 'dist/index.js'), folder: join(cli, 'dist/bundle') });
  else await bundleProgram({ entry: join(cli, 'src/index.ts'), folder, conditions: ['source'] });
}
