import { z } from 'zod';
import type { KnownRelationship } from '../history/timeline.ts';
import { entityVersionSchema, relationshipTimelineSchema } from '../history/timeline.ts';

/** An entity as lists name it; its type is null where nobody knows more than its id. */
export const namedEntitySchema = z.object({
  id: z.string(),
  type: z.string().nullable(),
  name: z.string().nullable(),
  path: z.string().nullable(),
  language: z.string().nullable(),
});
export type NamedEntity = z.infer<typeof namedEntitySchema>;

const relationshipSchema = z.looseObject({ id: z.string(), type: z.string() });

/** KG-240, in the order of their paths, then their names. */
export const moduleChildrenSchema = z.object({
  modulePath: z.string(),
  parentId: z.string().nullable(),
  children: z.array(z.object({ entity: namedEntitySchema, relationship: relationshipSchema })),
  truncated: z.boolean(),
});
export type ModuleChildren = z.infer<typeof moduleChildrenSchema>;

/** KG-242. */
export const entityImportsSchema = z.object({
  entityId: z.string(),
  /** Without a target where what is imported is not found. */
  imports: z.array(z.object({ relationship: relationshipSchema, target: namedEntitySchema.nullable() })),
  truncated: z.boolean(),
});
export type EntityImports = z.infer<typeof entityImportsSchema>;

/** KG-242. */
export const definitionSchema = z.object({
  symbolId: z.string(),
  /** Null where nobody knows where it is defined. */
  relationship: relationshipSchema.nullable(),
  source: namedEntitySchema.nullable(),
});
export type Definition = z.infer<typeof definitionSchema>;

/** KG-241. */
export const moduleHistorySchema = z.object({
  moduleId: z.string().nullable(),
  modulePath: z.string(),
  moduleType: z.string().nullable(),
  generatedAt: z.iso.datetime(),
  /** The last ones, the oldest first. */
  versions: z.array(entityVersionSchema),
  relationships: z.array(
    relationshipTimelineSchema.extend({
      direction: z.enum(['outgoing', 'incoming']),
      from: namedEntitySchema,
      to: namedEntitySchema,
      confidence: z.number().nullable(),
    }),
  ),
  /** Whether there are more versions, or more relationships. */
  truncated: z.boolean(),
});
export type ModuleHistory = z.infer<typeof moduleHistorySchema>;

export const moduleHistoryQuerySchema = z.strictObject({
  modulePath: z.string().min(1).max(4_096),
  /** Also what does not hold any more. */
  includeInactive: z.boolean().default(true),
  limit: z.int().min(1).max(500).default(100),
  versionLimit: z.int().min(1).max(500).default(50),
});
export type QueryModuleHistory = z.input<typeof moduleHistoryQuerySchema>;

export function asRelationship(known: KnownRelationship): z.infer<typeof relationshipSchema> {
  return { ...known, id: String(known.id), type: String(known.type) };
}
