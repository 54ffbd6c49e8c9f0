import { cleanText } from '../../edges/clean-values.ts';
import type { RawEdge } from '../../edges/raw-edge.ts';
import type { EntityFacts } from '../file-facts.ts';
import type { Commit, FileChange } from './commit.ts';

/** Files of a commit that are told of: one that changes more, such as a whole vendored tree, tells nothing of each. */
const MOST_FILES = 300;
/** Bytes; longer ones make ids that nothing can refer to. */
const MOST_PATH = 1_500;

const EDGE = { create: 'CREATED_IN', update: 'MODIFIED_IN', rename: 'MODIFIED_IN', delete: 'REMOVED_IN' } as const;

export interface CommitFacts {
  entities: EntityFacts[];
  relationships: RawEdge[];
}

/**
 * A change, who made it, and the versions of files that it left: each version leads to its file, to the one before it, also where the
 * file was called otherwise, and files lead to the changes that they were made, changed and removed in (KG-208).
 */
export function tellCommit({ hash, authorName, authorEmail, at, subject, files }: Commit): CommitFacts {
  const author = cleanText(`${authorName} <${authorEmail}>`, 300) ?? 'unknown';
  const id = `change:${hash}`;
  const timestamp = at.toISOString();
  const told =
    files.length > MOST_FILES ? [] : files.filter(({ path, oldPath }) => isTold(path) && isTold(oldPath ?? ''));
  const removed = files.filter(({ changeType }) => changeType === 'delete').length;
  const change = {
    ...{ id, type: 'change', changeType: removed > 0 && removed === files.length ? 'delete' : 'update' },
    ...{ entityType: 'commit', entityId: `commit:${hash}`, timestamp, author, commitHash: hash },
    newState: { subject: cleanText(subject, 500) ?? '', files: files.length },
  };
  const by = { author, commitHash: hash, validFrom: timestamp };
  const relationships: RawEdge[] = [
    {
      type: 'MODIFIED_BY',
      fromEntityId: id,
      toEntityId: `author:${cleanText(authorEmail.toLowerCase(), 300) ?? 'unknown'}`,
      ...by,
    },
  ];
  const entities: EntityFacts[] = [change];
  for (const file of told) {
    relationships.push(...edgesOf(file, id, by));
    const version = versionOf(file, timestamp);
    if (version) entities.push(version);
  }
  return { entities, relationships };
}

/** Not of paths that are no UTF-8: nothing else in the graph goes by them. */
function isTold(path: string): boolean {
  return Buffer.byteLength(path) <= MOST_PATH && !path.includes('\uFFFD');
}

function edgesOf({ path, oldPath, changeType, oldBlob, blob }: FileChange, change: string, by: RawEdge): RawEdge[] {
  const said = { ...by, changeType };
  const file = `file:${path}`;
  const edges: RawEdge[] = [{ type: EDGE[changeType], fromEntityId: file, toEntityId: change, ...said }];
  if (oldPath !== null)
    edges.push({ type: 'REMOVED_IN', fromEntityId: `file:${oldPath}`, toEntityId: change, ...said });
  if (blob === null) return edges;
  const version = versionId(path, blob);
  edges.push({ type: 'OF', fromEntityId: version, toEntityId: file, ...said });
  const before = oldBlob === null ? null : versionId(oldPath ?? path, oldBlob);
  if (before !== null && before !== version)
    edges.push({ type: 'PREVIOUS_VERSION', fromEntityId: version, toEntityId: before, ...said });
  return edges;
}

function versionOf({ path, blob }: FileChange, timestamp: string): EntityFacts | null {
  if (blob === null) return null;
  return { id: versionId(path, blob), type: 'version', entityId: `file:${path}`, path, hash: blob, timestamp };
}

function versionId(path: string, blob: string): string {
  return `version:${path}@${blob.slice(0, 16)}`;
}
