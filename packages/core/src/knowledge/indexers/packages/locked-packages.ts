import { createHash } from 'node:crypto';
import type { RawEdge } from '../../edges/raw-edge.ts';
import type { EntityFacts, FileFacts } from '../file-facts.ts';
import type { FileText } from '../file-indexer.ts';
import { packageId } from './package-id.ts';

/** A package as a lock file settled it. */
export interface LockedPackage {
  /** How the lock file names it. */
  key: string;
  name: string;
  /** By which code asks for it where that is another name, an alias. */
  alias: string;
  version: string;
  integrity: string | null;
  /** Whether it is the one that code of the repository gets by its name. */
  isFirst: boolean;
  facts: { dev?: boolean; optional?: boolean; license?: string };
  /** Keys of what it depends on. */
  dependsOn: string[];
}

/** Most that one lock file says: what a call to the graph takes, and some room. */
const MOST_FACTS = 45_000;

/** What a lock file says: each version that is installed, and what each depends on. @param own keys of the workspace's packages, with their ids */
export function lockedFacts(
  { state }: FileText,
  locked: readonly LockedPackage[],
  own: ReadonlyMap<string, string>,
): FileFacts {
  const { path, modifiedAt: lastModified, createdAt: created } = state;
  const ids = new Map(own);
  for (const { key, name, alias, version, isFirst } of locked)
    ids.set(key, isFirst ? packageId(alias) : packageId(name, version));
  const entities = new Map<string, EntityFacts>();
  const relationships: RawEdge[] = [];
  for (const { key, name, version, integrity, facts, dependsOn } of locked) {
    const id = ids.get(key);
    if (id === undefined) continue;
    const hash = createHash('sha256')
      .update(integrity ?? `${name}@${version}`)
      .digest('hex')
      .slice(0, 32);
    entities.set(id, {
      ...{ id, type: 'module', path, hash, language: 'javascript', lastModified, created },
      ...{ name, version, packageJson: { name, version }, entryPoint: '' },
      metadata: { ecosystem: 'npm', key, ...facts },
    });
    for (const target of dependsOn) {
      const toEntityId = ids.get(target);
      if (toEntityId === undefined || toEntityId === id) continue;
      relationships.push({
        type: 'DEPENDS_ON',
        fromEntityId: id,
        toEntityId,
        source: 'index',
        confidence: 1,
        resolved: true,
      });
    }
  }
  const room = Math.max(0, MOST_FACTS - entities.size);
  const problems =
    relationships.length > room
      ? [`holds more than ${MOST_FACTS} packages and dependencies; the rest is left out`]
      : [];
  return {
    path,
    entities: [...entities.values()].slice(0, MOST_FACTS),
    relationships: relationships.slice(0, room),
    problems,
  };
}
