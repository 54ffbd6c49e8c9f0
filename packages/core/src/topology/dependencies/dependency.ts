import { z } from 'zod';
import {
  criticalitySchema,
  discoverySourceSchema,
  environmentSchema,
  momentSchema,
  serviceKeySchema,
} from '../terms.ts';

export const modeSchema = z.enum(['sync', 'async', 'unknown']);
const retrySchema = z.record(z.string(), z.unknown()).nullable();
const confidenceSchema = z.number().min(0).max(1);

/** That a service depends on another, as one source knows it of one environment (DEP-002). */
export const dependencySchema = z.object({
  id: z.string(),
  projectId: z.string(),
  sourceId: z.string(),
  targetId: z.string(),
  /** Key of the service that depends on the other. */
  source: z.string(),
  target: z.string(),
  discoverySource: z.string(),
  /** Null: in every environment. */
  environment: z.string().nullable(),
  mode: modeSchema,
  /** How much the source needs the target. */
  criticality: criticalitySchema,
  protocol: z.string().nullable(),
  timeoutMs: z.int().nullable(),
  retry: retrySchema,
  /** How sure the source of this is, from 0 to 1. */
  confidence: confidenceSchema,
  lastObservedAt: z.iso.datetime(),
  /** Not seen for so long that it may be no more. */
  stale: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Dependency = z.infer<typeof dependencySchema>;

/** What a source says of a dependency, by keys of services; those that nobody knows yet are made (DEP-015). */
export const statedDependencySchema = z
  .strictObject({
    source: serviceKeySchema,
    target: serviceKeySchema,
    discoverySource: discoverySourceSchema.optional(),
    environment: environmentSchema.optional(),
    mode: modeSchema.default('unknown'),
    criticality: criticalitySchema.default('medium'),
    protocol: z.string().trim().min(1).max(60).nullable().default(null),
    timeoutMs: z.int().positive().max(2_147_483_647).nullable().default(null),
    retry: retrySchema.default(null),
    confidence: confidenceSchema.default(1),
    /** When it was seen last; now, where it is left out. */
    observedAt: momentSchema.optional(),
  })
  .refine(({ source, target }) => source !== target, { path: ['target'], message: 'must be another service' });
export type StatedDependency = z.input<typeof statedDependencySchema>;
