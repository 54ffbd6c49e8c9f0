import { z } from 'zod';
import { uuidSchema } from '../platform/ids/ids.ts';
import { policyDocumentSchema } from './policy.ts';

const positionSchema = z.int().min(0).max(1_000_000);

/** A policy as stored, sent and shown. */
export const policySchema = z.object({
  id: z.string(),
  projectId: z.string(),
  /** Null for all sessions of the project; else it holds for this one and those below it. */
  sessionId: z.string().nullable(),
  name: z.string(),
  enabled: z.boolean(),
  /** Lower ones are asked first; of the same position by name. */
  position: z.int(),
  document: policyDocumentSchema,
  createdBy: z.string(),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Policy = z.infer<typeof policySchema>;

export const createPolicySchema = z.strictObject({
  document: policyDocumentSchema,
  sessionId: uuidSchema.nullable().default(null),
  enabled: z.boolean().default(true),
  position: positionSchema.default(100),
});
export type CreatePolicy = z.input<typeof createPolicySchema>;

/** What is left out stays. */
export const updatePolicySchema = z
  .strictObject({ document: policyDocumentSchema, enabled: z.boolean(), position: positionSchema })
  .partial();
export type UpdatePolicy = z.input<typeof updatePolicySchema>;

/** What a policy was from one change to the next. */
export const policyVersionSchema = z.object({
  policyId: z.string(),
  version: z.int(),
  enabled: z.boolean(),
  position: z.int(),
  document: policyDocumentSchema,
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});
export type PolicyVersion = z.infer<typeof policyVersionSchema>;
