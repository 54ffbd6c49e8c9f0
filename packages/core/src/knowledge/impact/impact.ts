import { z } from 'zod';
import { MOST_DEPTH } from '../graph-query.ts';
import { relationshipTypeSchema } from '../vocabulary/relationship-type.ts';
import { confidenceSchema, entityIdSchema, levelSchema, momentSchema } from '../vocabulary/terms.ts';
import { deploymentGateSchema, recommendationSchema } from './deployment-gate.ts';
import { specImpactSchema } from './spec-impact.ts';

const changeSchema = z
  .strictObject({
    entityId: entityIdSchema,
    changeType: z.enum(['modify', 'delete', 'rename']),
    newName: z.string().min(1).max(1_000).optional(),
    /** Whether those that call it have to change with it. */
    signatureChange: z.boolean().default(false),
  })
  .refine(({ changeType, newName }) => changeType !== 'rename' || newName !== undefined, {
    path: ['newName'],
    message: 'is required for a rename',
  });

/** KG-261. */
export const analyseImpactSchema = z.strictObject({
  changes: z.array(changeSchema).min(1).max(1_000),
  /** Also those that depend on what depends on it, and so on. */
  includeIndirect: z.boolean().default(false),
  maxDepth: z.int().min(1).max(MOST_DEPTH).default(5),
  /** Over which relationships one depends on another; none: those of code, and imports. */
  relationshipTypes: z.array(relationshipTypeSchema).max(100).default([]),
  minConfidence: confidenceSchema.default(0),
  at: momentSchema.optional(),
});
export type AnalyseImpact = z.input<typeof analyseImpactSchema>;

const affectedSchema = z.object({
  id: z.string(),
  type: z.string().nullable(),
  name: z.string().nullable(),
  path: z.string().nullable(),
});
export type Affected = z.infer<typeof affectedSchema>;
const affectedList = z.array(affectedSchema);
const severitySchema = z.enum(['high', 'medium', 'low']);
export type ImpactSeverity = z.infer<typeof severitySchema>;

export const graphImpactSchema = z.object({
  revision: z.int(),
  /** For each change that anything depends on: what does so at once. */
  directImpact: z.array(
    z.object({ entityId: z.string(), entities: affectedList, severity: severitySchema, reason: z.string() }),
  ),
  /** The others, each at the fewest hops from any change, from level 2 on. */
  cascadingImpact: z.array(
    z.object({ level: z.int(), entities: affectedList, relationship: relationshipTypeSchema, confidence: z.number() }),
  ),
  totalAffectedEntities: z.int(),
  riskLevel: levelSchema,
  testImpact: z.object({
    /** Of what changes, or is affected. */
    affectedTests: affectedList,
    /** Tests of what is deleted, renamed, or gets another signature: they have to change with it. */
    requiredUpdates: affectedList,
    /** The part of what changes or is affected that no test is known of, from 0 to 1. */
    untestedShare: z.number(),
  }),
  documentationImpact: z.object({
    /** Documents of what changes. */
    staleDocs: affectedList,
    /** What changes, is exported, and has no document. */
    missingDocs: affectedList,
    /** Documents of what is deleted, renamed, or gets another signature: they have to change with it. */
    requiredUpdates: affectedList,
    /** How much less the documents can be relied on, from 0 to 1. */
    freshnessPenalty: z.number(),
  }),
  deploymentGate: deploymentGateSchema,
  /** The most urgent first. */
  recommendations: z.array(recommendationSchema),
  specImpact: specImpactSchema,
  /** Whether there may be more than was looked at. */
  truncated: z.boolean(),
});
export type GraphImpact = z.infer<typeof graphImpactSchema>;
