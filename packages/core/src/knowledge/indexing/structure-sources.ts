import { createHash } from 'node:crypto';
import type { SourceFileState } from '../indexers/file-facts.ts';
import { indexStructure } from '../indexers/typescript/index-structure.ts';
import { modulePath } from '../indexers/typescript/module-path.ts';
import { SOURCE_FILE } from '../indexers/typescript/source-file.ts';
import type { IndexedFile } from './indexed-file.ts';
import type { PartPlan } from './part-plan.ts';

/** Rises with each change of what is said of the same source. */
const VERSION = 1;

/**
 * TypeScript and JavaScript by their structure alone: which of them say something else now. Each is read by itself, so that is those that
 * changed; all of them where files came or went, since imports may lead elsewhere then.
 */
export function planStructureOfSources(
  root: string,
  all: readonly SourceFileState[],
  known: ReadonlyMap<string, IndexedFile>,
): PartPlan {
  const states = all.filter(({ path }) => SOURCE_FILE.test(path));
  const paths = new Set(states.map(({ path }) => path));
  const setup = createHash('sha256')
    .update(JSON.stringify(['structure', VERSION, [...paths].sort()]))
    .digest('hex');
  const changed = states.filter(({ path, hash }) => {
    const before = known.get(path);
    return before?.hash !== hash || before.setup !== setup;
  });
  return {
    affected: new Set(changed.map(({ path }) => path)),
    removed: [...known.keys()].filter((path) => !paths.has(path)),
    facts: function* () {
      for (const state of changed) {
        const { path, hash } = state;
        const facts = indexStructure(root, state, (specifier, from) => modulePath(paths, specifier, from));
        // The unit is that of the same file read with types: the one takes the place of the other.
        yield {
          indexer: 'typescript',
          facts,
          remembered: { path, hash, shape: '', setup, isGlobal: false, imports: [] },
        };
      }
    },
  };
}
