import { z } from 'zod';
import { recordAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/database/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import type { EntityChange } from './entity-changes.ts';
import { writeEntities } from './entity-store.ts';
import { advanceGraph } from './head-store.ts';
import type { RelationshipChange } from './relationship-changes.ts';
import { writeRelationships } from './relationship-store.ts';

export const changeCountsSchema = z.object({
  added: z.int(),
  changed: z.int(),
  /** Nobody says them any more. */
  removed: z.int(),
});
export type ChangeCounts = z.infer<typeof changeCountsSchema>;

/** What one revision of a graph changes. */
export interface GraphChanges {
  entities: readonly EntityChange[];
  relationships: readonly RelationshipChange[];
  at: Date;
  changeSetId: string | null;
  /** Who says so, where it is people's word, which is audited; null for what is indexed. */
  assertedBy: string | null;
}

/** Writes changes as one revision, and tells of it; none where nothing changes. The caller holds the graph. @param before its revision so far */
export async function writeChanges(
  tx: Transaction,
  ids: Ids,
  projectId: string,
  before: number,
  { entities, relationships, at, changeSetId, assertedBy }: GraphChanges,
): Promise<{ revision: number; entities: ChangeCounts; relationships: ChangeCounts }> {
  const counts = { entities: count(entities), relationships: count(relationships) };
  if (entities.length + relationships.length === 0) return { revision: before, ...counts };
  const revision = before + 1;
  await writeEntities(tx, projectId, entities, { revision, at, changeSetId });
  await writeRelationships(tx, projectId, relationships, revision);
  await advanceGraph(tx, projectId, revision);
  if (assertedBy !== null) {
    const about = { subjectType: 'graph', subjectId: projectId, details: { revision, ...counts } };
    await recordAudit(tx, projectId, { actor: assertedBy, action: 'graph.assert', ...about }, ids);
  }
  const sizes = { entities: entities.length, relationships: relationships.length };
  await recordFeed(tx, projectId, 'graph', { revision, ...sizes });
  return { revision, ...counts };
}

function count(changes: readonly { kind: keyof ChangeCounts }[]): ChangeCounts {
  const counts: ChangeCounts = { added: 0, changed: 0, removed: 0 };
  for (const { kind } of changes) counts[kind] += 1;
  return counts;
}
