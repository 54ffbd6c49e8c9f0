import { z } from 'zod';
import { checkpointReasonSchema, confidenceSchema, countSchema, instantSchema, levelSchema } from './terms.ts';

const text = z.string().optional();
const texts = z.array(z.string()).optional();
const codeStateSchema = z.enum(['working', 'broken', 'unknown']);

const checkpointDetailsSchema = z
  .strictObject({
    reason: checkpointReasonSchema,
    hopCount: countSchema,
    attempts: countSchema,
    seedEntityIds: z.array(z.string()),
    jobId: z.string(),
    error: z.string(),
    updatedAt: instantSchema,
  })
  .partial();

const changeInfoSchema = z.strictObject({
  elementType: z.enum(['function', 'class', 'import', 'test']),
  elementName: z.string(),
  operation: z.enum(['added', 'modified', 'deleted', 'renamed']),
  semanticHash: text,
  affectedLines: countSchema.optional(),
});

const stateTransitionSchema = z.strictObject({
  from: codeStateSchema,
  to: codeStateSchema,
  verifiedBy: z.enum(['test', 'build', 'manual']),
  confidence: confidenceSchema,
  criticalChange: z.strictObject({ entityId: z.string(), beforeSnippet: text, afterSnippet: text }).optional(),
});

/** Of one event; has `critical` like `impactSeverity` (KG-055). */
const impactSchema = z.strictObject({
  severity: levelSchema,
  testsFailed: texts,
  testsFixed: texts,
  buildError: text,
  performanceImpact: z.number().optional(),
});

/** KG-051…055. */
export const sessionFields = {
  sessionId: z.string(),
  timestamp: instantSchema,
  sequenceNumber: countSchema,
  eventId: text,
  actor: text,
  annotations: texts,
  impactSeverity: levelSchema.optional(),
  stateTransitionTo: codeStateSchema.optional(),
  checkpointId: text,
  checkpointStatus: z.enum(['pending', 'completed', 'failed', 'manual_intervention']).optional(),
  checkpointDetails: checkpointDetailsSchema.optional(),
  changeInfo: changeInfoSchema.optional(),
  stateTransition: stateTransitionSchema.optional(),
  impact: impactSchema.optional(),
};
