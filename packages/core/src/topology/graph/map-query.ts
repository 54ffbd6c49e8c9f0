import { z } from 'zod';
import { mapEdgeSchema } from '../dependencies/map-edge.ts';
import { serviceSchema } from '../services/service.ts';
import { environmentSchema } from '../terms.ts';

const edgeFields = {
  /** Left out: of every environment; null: only what holds in all of them. */
  environment: environmentSchema.optional(),
  includeStale: z.boolean().default(false),
  /** Inclusive. */
  minConfidence: z.number().min(0).max(1).default(0),
};

export const traverseMapSchema = z.strictObject({
  /** Key or id of the service to begin with. */
  service: z.string().min(1).max(200),
  direction: z.enum(['upstream', 'downstream', 'both']).default('downstream'),
  maxDepth: z.int().min(1).max(10).default(3),
  ...edgeFields,
});
export type TraverseMap = z.input<typeof traverseMapSchema>;

export const reachedServiceSchema = z.object({
  service: serviceSchema,
  /** Whether it depends on the start, the start on it, or both. */
  direction: z.enum(['upstream', 'downstream', 'both']),
  /** Fewest hops. */
  distance: z.int(),
  /** Key of the service before it on the way. */
  from: z.string(),
  /** The best product of confidences over the ways of so many hops. */
  confidence: z.number(),
});

export const mapTraversalSchema = z.object({
  revision: z.int(),
  start: serviceSchema,
  /** Without the start, also where it is part of a cycle. By distance. */
  services: z.array(reachedServiceSchema),
  /** Each once, those that close a cycle too. */
  edges: z.array(mapEdgeSchema),
});
export type MapTraversal = z.infer<typeof mapTraversalSchema>;

export const readMapSchema = z.strictObject({ ...edgeFields, includeStale: z.boolean().default(true) });
export type ReadMap = z.input<typeof readMapSchema>;

/** The whole map. */
export const serviceMapSchema = z.object({
  revision: z.int(),
  services: z.array(serviceSchema),
  edges: z.array(mapEdgeSchema),
  /** Names of all that dependencies are known of. */
  environments: z.array(z.string()),
  /** Whether there are more services or dependencies than are answered. */
  truncated: z.boolean(),
});
export type ServiceMap = z.infer<typeof serviceMapSchema>;
