import { z } from 'zod';
import { entityTypeSchema } from './vocabulary/entity.ts';
import { relationshipTypeSchema } from './vocabulary/relationship-type.ts';
import { confidenceSchema, entityIdSchema, momentSchema } from './vocabulary/terms.ts';

/** Hops where a caller does not say, and at most (KG-233). */
export const DEFAULT_DEPTH = 3;
export const MOST_DEPTH = 10;
/** Edges that one question looks at. */
export const MOST_EDGES_VISITED = 100_000;

const edgeFields = {
  direction: z.enum(['outgoing', 'incoming', 'both']).default('outgoing'),
  /** None: all. */
  relationshipTypes: z.array(relationshipTypeSchema).max(100).default([]),
  /** Inclusive; an edge that does not say how sure it is counts as 1. */
  minConfidence: confidenceSchema.default(0),
  /** As of then; now, where it is left out. */
  at: momentSchema.optional(),
  /** In place of a moment: what held at some time from then on, */
  since: momentSchema.optional(),
  /** up to then. */
  until: momentSchema.optional(),
  maxDepth: z.int().min(1).max(MOST_DEPTH).default(DEFAULT_DEPTH),
};

const isTime = {
  test: ({ at, since, until }: { at?: Date | undefined; since?: Date | undefined; until?: Date | undefined }) =>
    (at === undefined || (since === undefined && until === undefined)) &&
    (since === undefined || until === undefined || since <= until),
  message: 'give either at, or since and until in this order',
};

/** KG-232, KG-204. */
export const traverseSchema = z
  .strictObject({
    startId: entityIdSchema,
    ...edgeFields,
    /** Restricts what is answered, not what is walked. */
    entityTypes: z.array(entityTypeSchema).max(20).default([]),
    limit: z.int().min(1).max(10_000).default(1_000),
  })
  .refine(isTime.test, isTime.message);
export type Traverse = z.input<typeof traverseSchema>;

/** KG-230. Without an end all ways from the start. */
export const findPathsSchema = z
  .strictObject({
    startId: entityIdSchema,
    endId: entityIdSchema.optional(),
    ...edgeFields,
    maxDepth: edgeFields.maxDepth.default(MOST_DEPTH),
    limit: z.int().min(1).max(1_000).default(100),
  })
  .refine(isTime.test, isTime.message);
export type FindPaths = z.input<typeof findPathsSchema>;

export const findCyclesSchema = z.strictObject({
  relationshipTypes: edgeFields.relationshipTypes,
  minConfidence: edgeFields.minConfidence,
  at: edgeFields.at,
  limit: z.int().min(1).max(1_000).default(100),
});
export type FindCycles = z.input<typeof findCyclesSchema>;

/** An end of an edge of which nobody knows more than its name has no type. */
const visitedSchema = z.object({
  id: z.string(),
  type: z.string().nullable(),
  name: z.string().nullable(),
  path: z.string().nullable(),
  depth: z.int(),
  /** The best over the ways of so many hops. */
  confidence: z.number(),
  /** The relationship by which it was reached, and the entity before; null for the start. */
  via: z.string().nullable(),
  from: z.string().nullable(),
});
export type Visited = z.infer<typeof visitedSchema>;

export const traversalSchema = z.object({
  /** Of the graph that was asked. */
  revision: z.int(),
  /** In the order of discovery, the start first. */
  visited: z.array(visitedSchema),
  /** Whether there may be more than was looked at, or than `limit` let be answered. */
  truncated: z.boolean(),
});
export type Traversal = z.infer<typeof traversalSchema>;

export const pathsSchema = z.object({
  revision: z.int(),
  /** None where there is no way. */
  paths: z.array(
    z.object({
      /** Ids of entities, one more than of relationships. */
      entities: z.array(z.string()),
      relationships: z.array(z.string()),
      relationshipTypes: z.array(relationshipTypeSchema),
      totalLength: z.int(),
    }),
  ),
});
export type Paths = z.infer<typeof pathsSchema>;

export const cyclesSchema = z.object({
  revision: z.int(),
  total: z.int(),
  components: z.array(
    z.object({
      /** All that reach each other, by id. */
      entities: z.array(z.string()),
      /** A shortest cycle through the first of them, which does not stand at its end again. */
      cycle: z.array(z.string()),
    }),
  ),
});
export type Cycles = z.infer<typeof cyclesSchema>;
