import { z } from 'zod';
import { entitiesTouched, type TellingEvent } from '../../journal/index.ts';
import type { EntityVersion } from '../history/timeline.ts';
import { edgesOfEvent } from './journal-edges.ts';

const changeTypeSchema = z.enum(['create', 'update', 'delete', 'rename']);

/** KG-245. */
export const sessionChangesSchema = z.object({
  sessionId: z.string(),
  total: z.int(),
  /** In the order of the journal. */
  changes: z.array(
    z.object({
      /** As KG-014. */
      change: z.object({
        id: z.string(),
        type: z.literal('change'),
        changeType: changeTypeSchema,
        entityType: z.string(),
        entityId: z.string(),
        timestamp: z.iso.datetime(),
        author: z.string(),
        sessionId: z.string(),
      }),
      relationships: z.array(
        z.object({
          relationshipId: z.string(),
          type: z.string(),
          entityId: z.string(),
          direction: z.enum(['outgoing', 'incoming']),
        }),
      ),
      /** Versions of the entity that came of it, as far as the graph has read it since. */
      versions: z.array(z.object({ versionId: z.string(), entityId: z.string(), relationshipType: z.string() })),
    }),
  ),
  page: z.object({ limit: z.int(), offset: z.int(), count: z.int() }),
});
export type SessionChanges = z.infer<typeof sessionChangesSchema>;

export const sessionChangesQuerySchema = z.strictObject({
  sessionId: z.uuid(),
  limit: z.int().min(1).max(1_000).default(100),
  offset: z.int().min(0).max(1_000_000).default(0),
});
export type QuerySessionChanges = z.input<typeof sessionChangesQuerySchema>;

const CHANGE_TYPES = {
  added: 'create',
  modified: 'update',
  deleted: 'delete',
  renamed: 'rename',
  init: 'create',
} as const;
const VERSION_BY = {
  create: 'CREATED_IN',
  update: 'MODIFIED_IN',
  rename: 'MODIFIED_IN',
  delete: 'REMOVED_IN',
} as const;

/** One thing that a session changed: an event may tell of several. */
export interface ToldChange {
  event: TellingEvent;
  entityId: string;
  changeType: z.infer<typeof changeTypeSchema>;
}

/** What an event says of what was changed: files, or the entities that it names. */
export function changesOfEvent(event: TellingEvent): ToldChange[] {
  const { file, changeInfo } = event;
  if (file) {
    const entityId = entitiesTouched({ changeInfo: null, file }).at(-1);
    return entityId === undefined ? [] : [{ event, entityId, changeType: CHANGE_TYPES[file.operation ?? 'modified'] }];
  }
  if (!changeInfo) return [];
  const changeType = CHANGE_TYPES[changeInfo.operation];
  return changeInfo.entityIds.map((entityId) => ({ event, entityId, changeType }));
}

/**
 * @param next when the same entity was changed next, whoever did it; null where it was not
 * @param versions of the entity, the oldest first
 */
export function describeChange(
  { event, entityId, changeType }: ToldChange,
  next: string | null,
  versions: readonly EntityVersion[],
): SessionChanges['changes'][number] {
  const { sessionId, seq, actor: author, occurredAt: timestamp, file, changeInfo } = event;
  const within = (moment: string | null) => moment !== null && timestamp <= moment && (next === null || moment < next);
  const came = versions.find((version) => within(changeType === 'delete' ? version.until : version.timestamp));
  const edge = edgesOfEvent(event).find(
    ({ fromEntityId, toEntityId }) => fromEntityId === entityId || toEntityId === entityId,
  );
  const direction = edge?.fromEntityId === entityId ? ('outgoing' as const) : ('incoming' as const);
  return {
    change: {
      ...{ id: `change:${file?.changeId ?? `${sessionId}:${seq}`}`, type: 'change' as const, changeType },
      ...{ entityType: file ? 'file' : (changeInfo?.elementType ?? 'unknown'), entityId, timestamp, author, sessionId },
    },
    relationships: edge ? [{ relationshipId: String(edge.id), type: String(edge.type), entityId, direction }] : [],
    versions: came ? [{ versionId: came.versionId, entityId, relationshipType: VERSION_BY[changeType] }] : [],
  };
}
