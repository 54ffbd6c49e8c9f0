import { z } from 'zod';
import { proposedChangesSchema } from './proposed-change.ts';

/** KG-290. */
export const analyseProposalSchema = z.strictObject({
  workspaceId: z.uuid(),
  changes: proposedChangesSchema,
  description: z.string().min(1).max(100_000),
  relatedSpecId: z.string().min(1).max(2_000).optional(),
});
export type AnalyseProposal = z.input<typeof analyseProposalSchema>;

const entitySchema = z.object({
  id: z.string(),
  type: z.string().nullable(),
  name: z.string().nullable(),
  path: z.string().nullable(),
});
const entities = z.array(entitySchema);

export const analysedProposalSchema = z.object({
  revision: z.int(),
  /** What of the code the proposal changes. */
  affectedEntities: z.array(
    entitySchema.extend({
      changeType: z.enum(['modify', 'delete', 'rename']),
      signatureChange: z.boolean(),
    }),
  ),
  breakingChanges: z.array(
    z.object({
      severity: z.enum(['breaking', 'potentially-breaking', 'safe']),
      description: z.string(),
      /** Ids: what is changed, and after it what depends on it at once. */
      affectedEntities: z.array(z.string()),
    }),
  ),
  impactAnalysis: z.object({
    directImpact: entities,
    indirectImpact: entities,
    testImpact: z.object({ affectedTests: entities, requiredUpdates: entities }),
  }),
  /** Specifications that the changed code, or what depends on it, has to do with. */
  affectedSpecs: z.array(z.string()),
  recommendations: z.array(
    z.object({
      type: z.enum(['warning', 'suggestion', 'requirement']),
      message: z.string(),
      actions: z.array(z.string()),
    }),
  ),
  /** Files of which the graph does not know what they declare (any more), so that it cannot tell what their change breaks. */
  unknownFiles: z.array(z.string()),
  /** Whether there may be more than was looked at. */
  truncated: z.boolean(),
});
export type AnalysedProposal = z.infer<typeof analysedProposalSchema>;
