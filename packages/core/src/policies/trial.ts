import { z } from 'zod';
import { approvalTermsSchema } from '../approvals/index.ts';
import { uuidSchema } from '../platform/ids/ids.ts';
import { policyDocumentSchema, reachSchema, spentSchema } from './policy.ts';

const nameSchema = z.string().max(500).nullable().default(null);

/** A call that nobody made, to ask what would be decided. */
export const explainCallSchema = z.strictObject({
  /** Decided by this document alone; without it by the project's policies. */
  document: policyDocumentSchema.optional(),
  /** Whose policies count as well. */
  sessionId: uuidSchema.nullable().default(null),
  /** In whose directory it works; without it paths are looked at as if there were none. */
  workspaceId: uuidSchema.nullable().default(null),
  tool: z.string().min(1).max(500),
  arguments: z.record(z.string(), z.json()).default({}),
  runtime: nameSchema,
  agent: nameSchema,
  agentRole: nameSchema,
  taskType: nameSchema,
  labels: z.array(z.string().max(500)).max(100).default([]),
  /** Now, unless given. */
  at: z.iso.datetime().optional(),
  spent: spentSchema.prefault({}),
  reach: reachSchema.nullable().default(null),
});
export type ExplainCall = z.input<typeof explainCallSchema>;

export const dryRunSchema = z.strictObject({
  /** Decides alone; without it the project's policies do. */
  document: policyDocumentSchema.optional(),
  sessionId: uuidSchema.optional(),
  /** Calls from then on; the last week unless given. */
  since: z.iso.datetime().optional(),
  /** Newest calls looked at, at most. */
  limit: z.int().min(1).max(5_000).default(1_000),
});
export type DryRun = z.input<typeof dryRunSchema>;

export const ruleRefSchema = z.object({
  policyId: z.string(),
  version: z.int(),
  ruleId: z.string(),
  name: z.string(),
});

/** {@link PolicyDecision} as it is sent. */
export const policyDecisionSchema = z.object({
  effect: z.enum(['allow', 'deny', 'require_approval']),
  rule: ruleRefSchema.nullable(),
  warnings: z.array(ruleRefSchema),
  approval: approvalTermsSchema.nullable(),
  explanation: z.array(z.string()),
  commands: z.array(z.string()),
});

/** What would have been decided of a recorded call. */
export const triedCallSchema = z.object({
  sessionId: z.string(),
  seq: z.int(),
  at: z.iso.datetime(),
  tool: z.string(),
  /** Simple commands of the call, where a rule asked for them. */
  commands: z.array(z.string()),
  effect: z.enum(['allow', 'deny', 'require_approval']),
  rule: ruleRefSchema.nullable(),
  warnings: z.array(ruleRefSchema),
});

export const dryRunResultSchema = z.object({
  /** Calls looked at, and how many of them each effect would have met. */
  calls: z.int(),
  allow: z.int(),
  deny: z.int(),
  requireApproval: z.int(),
  warned: z.int(),
  /** Recorded in a way that does not say what was called. */
  unreadable: z.int(),
  /** Each call that was not simply allowed, the newest first. */
  affected: z.array(triedCallSchema),
});
export type DryRunResult = z.infer<typeof dryRunResultSchema>;
export type TriedCall = z.infer<typeof triedCallSchema>;
