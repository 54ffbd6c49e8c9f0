import type { FileFacts } from '../file-facts.ts';
import type { FileIndexer, FileText } from '../file-indexer.ts';
import { PACKAGE_FILE } from '../which-indexer.ts';
import { type Manifest, manifestFacts, readManifest } from './manifest.ts';
import { lockFacts } from './npm-lock.ts';
import { pnpmLockFacts } from './pnpm-lock.ts';

/** Packages of the workspace, what they depend on, and the versions that lock files settled. */
export const packages: FileIndexer = {
  reads: PACKAGE_FILE,
  version: 1,
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
    return files.map((file): FileFacts => {
      const manifest = manifests.find(([one]) => one === file)?.[1];
      if (typeof manifest === 'string') {
        return { path: file.state.path, entities: [], relationships: [], problems: [manifest] };
      }
      if (manifest) return manifestFacts(file, manifest, own);
      return file.state.path.endsWith('.yaml') ? pnpmLockFacts(file, own) : lockFacts(file, own);
    });
  },
};
