import { createHash } from 'node:crypto';
import type { FileFacts, SourceFileState } from '../indexers/file-facts.ts';
import { StructureReader } from '../indexers/structure/read-structure.ts';
import { SOURCE_FILE } from '../indexers/typescript/source-file.ts';
import type { IndexedFile } from './indexed-file.ts';
import type { PartPlan } from './part-plan.ts';

/** Rises with each change of what is said of the same files. */
const SETUP = 'structure 2';

/** What files of languages without types say, and which of them say something else now. */
export class StructurePlanner {
  readonly #reader: StructureReader;

  constructor(root: string) {
    this.#reader = new StructureReader(root, (path) => !SOURCE_FILE.test(path));
  }

  reads(path: string): boolean {
    return this.#reader.reads(path);
  }

  /** Parsing is quick, and a name may come to mean something else in any file: all that changed is what is said. */
  async plan(all: readonly SourceFileState[], known: ReadonlyMap<string, IndexedFile>): Promise<PartPlan> {
    const states = all.filter(({ path }) => this.reads(path));
    const paths = new Set(states.map(({ path }) => path));
    const before = new Map([...known].filter(([path]) => this.reads(path)));
    const removed = [...before.keys()].filter((path) => !paths.has(path));
    const isSame = states.every(
      ({ path, hash }) => before.get(path)?.hash === hash && before.get(path)?.setup === SETUP,
    );
    if (isSame && removed.length === 0) return { affected: new Set(), removed, facts: () => [] };
    const hashes = new Map(states.map(({ path, hash }) => [path, hash]));
    const told = (await this.#reader.read(states)).map((facts) => {
      const { path } = facts;
      const shape = digestOf(facts);
      return {
        indexer: 'structure' as const,
        facts,
        remembered: { path, hash: hashes.get(path) ?? '', shape, setup: SETUP, isGlobal: false, imports: [] },
      };
    });
    const changed = told.filter(({ remembered: { path, hash, shape, setup } }) => {
      const was = before.get(path);
      return was?.hash !== hash || was.shape !== shape || was.setup !== setup;
    });
    return { affected: new Set(changed.map(({ facts: { path } }) => path)), removed, facts: () => changed };
  }
}

/** Times aside: they are of the file, not of what it says. */
function digestOf({ entities, relationships, problems }: FileFacts): string {
  const text = JSON.stringify([entities, relationships, problems], (key, value) =>
    key === 'lastModified' || key === 'created' ? undefined : value,
  );
  return createHash('sha256').update(text).digest('hex');
}
