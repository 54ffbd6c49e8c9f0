import type { FileFacts } from '../file-facts.ts';
import type { FileIndexer, FileText } from '../file-indexer.ts';
import { PACKAGE_FILE } from '../which-indexer.ts';
import { bunLockFacts } from './bun-lock.ts';
import { type Manifest, manifestFacts, readManifest } from './manifest.ts';
import { lockFacts } from './npm-lock.ts';
import { pnpmLockFacts } from './pnpm-lock.ts';
import { yarnLockFacts } from './yarn-lock.ts';

/** Packages of the workspace, what they depend on, and the versions that lock files settled. */
export const packages: FileIndexer = {
  reads: PACKAGE_FILE,
  version: 2,
  // A name leads to a package of the workspace where there is one.
  isWhole: true,
  seesCode: false,
  index(files) {
    const manifests = files.flatMap((file): [FileText, Manifest | string][] =>
      file.state.path.endsWith('package.json') ? [[file, readManifest(file)]] : [],
    );
    const own = new Map(
      manifests.flatMap(([, manifest]): [string, string][] =>
        typeof manifest !== 'string' && manifest.name !== undefined ? [[manifest.name, manifest.id]] : [],
      ),
    );
    const byFile = new Map(manifests);
    return files.map((file): FileFacts => {
      const manifest = byFile.get(file);
      if (typeof manifest === 'string') {
        return { path: file.state.path, entities: [], relationships: [], problems: [manifest] };
      }
      if (manifest) return manifestFacts(file, manifest, own);
      const { path } = file.state;
      if (path.endsWith('yarn.lock')) return yarnLockFacts(file, own, askedBy(byFile.values()));
      if (path.endsWith('bun.lock')) return bunLockFacts(file, own);
      return path.endsWith('.yaml') ? pnpmLockFacts(file, own) : lockFacts(file, own);
    });
  },
};

/** What the packages of the workspace ask for: `lodash@^4.0.0`. */
function askedBy(manifests: Iterable<Manifest | string>): Set<string> {
  const asked = new Set<string>();
  for (const manifest of manifests) {
    if (typeof manifest === 'string') continue;
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    for (const ranges of [dependencies, devDependencies, optionalDependencies]) {
      for (const [name, range] of Object.entries(ranges ?? {})) asked.add(`${name}@${range}`);
    }
  }
  return asked;
}
