import { z } from 'zod';
import { entityTypeSchema } from '../vocabulary/entity.ts';

/** An entity as the graph knows it. Times are ISO 8601. */
export const knownEntitySchema = z.object({
  /** The entity as whoever is believed says it. */
  entity: z.looseObject({ id: z.string(), type: entityTypeSchema }),
  /** Who says that there is such an entity; null for people. */
  units: z.array(z.string().nullable()),
  validFrom: z.iso.datetime(),
  /** Null while there is such an entity. */
  validTo: z.iso.datetime().nullable(),
  version: z.int(),
});
export type KnownEntity = z.infer<typeof knownEntitySchema>;

/** A relationship (KG-030) as JSON. */
export type KnownRelationship = Record<string, unknown>;

/** KG-206. */
export const entityVersionSchema = z.object({
  versionId: z.string(),
  timestamp: z.iso.datetime(),
  /** Null while the entity is like this. */
  until: z.iso.datetime().nullable(),
  hash: z.string(),
  path: z.string().nullable(),
  language: z.string().nullable(),
  changeSetId: z.string().nullable(),
  previousVersionId: z.string().nullable(),
});
export type EntityVersion = z.infer<typeof entityVersionSchema>;

export const segmentSchema = z.object({
  segmentId: z.string(),
  openedAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
  changeSetId: z.string().nullable(),
});
export type RelationshipSegment = z.infer<typeof segmentSchema>;

/** KG-206, the oldest version first. */
export const entityTimelineSchema = z.object({ entityId: z.string(), versions: z.array(entityVersionSchema) });
export type EntityTimeline = z.infer<typeof entityTimelineSchema>;

/** KG-207, the oldest segment first. */
export const relationshipTimelineSchema = z.object({
  relationshipId: z.string(),
  type: z.string(),
  fromEntityId: z.string(),
  toEntityId: z.string(),
  active: z.boolean(),
  /** The last one, while it is open. */
  current: segmentSchema.nullable(),
  segments: z.array(segmentSchema),
});
export type RelationshipTimeline = z.infer<typeof relationshipTimelineSchema>;

/** @param segments the oldest first */
export function relationshipTimeline(
  { id, type, fromEntityId, toEntityId }: KnownRelationship,
  segments: RelationshipSegment[],
): RelationshipTimeline {
  const last = segments.at(-1);
  const current = last?.closedAt === null ? last : null;
  const ends = { type: String(type), fromEntityId: String(fromEntityId), toEntityId: String(toEntityId) };
  return { relationshipId: String(id), ...ends, active: current !== null, current, segments };
}
