import type { Ingest, KnownEntity } from '../knowledge/index.ts';
import type { CommitRecord } from './commit-record.ts';

/**
 * What a commit says in the graph (KG-309): that there is this change, the specification it is for, and what speaks for it. The history of the
 * repository, once it is read, tells of the same change and which files it left.
 * @param known what of its validation the graph knows, where that is named by an id
 */
export function commitFacts(commit: CommitRecord, known: ReadonlyMap<string, KnownEntity>): Ingest {
  const { commitHash, author, relatedSpecId, testResults, validationResults, changes, title } = commit;
  const id = `change:${commitHash}`;
  const change = {
    ...{ id, type: 'change', changeType: 'update', entityType: 'commit', entityId: `commit:${commitHash}` },
    ...{ timestamp: commit.createdAt, author, commitHash },
    ...(relatedSpecId === null ? {} : { specId: relatedSpecId }),
    newState: { subject: title, files: changes.length, validation: validationResults },
  };
  const by = { metadata: { commitId: commit.id, validation: validationResults } };
  const named = typeof validationResults === 'string' && known.has(validationResults) ? [validationResults] : [];
  const speaking = [...new Set([...testResults, ...named])];
  const relationships = [
    ...(relatedSpecId === null
      ? []
      : [{ type: 'IMPLEMENTS_SPEC', fromEntityId: id, toEntityId: relatedSpecId, ...by }]),
    ...speaking.map((fromEntityId) => ({ type: 'VALIDATES', fromEntityId, toEntityId: id, ...by })),
  ];
  return { units: [{ unit: `source-control:${commitHash}`, entities: [change], relationships }] };
}
