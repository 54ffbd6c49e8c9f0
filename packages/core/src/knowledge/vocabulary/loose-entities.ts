import { z } from 'zod';
import { looseBase } from './entity-base.ts';
import {
  changeTypeSchema,
  checkpointReasonSchema,
  confidenceSchema,
  countSchema,
  findingSeveritySchema,
  findingStatusSchema,
  instantSchema,
  metadataSchema,
} from './terms.ts';

const texts = z.array(z.string());

/** KG-014. */
export const changeSchema = z.strictObject({
  ...looseBase,
  type: z.literal('change'),
  changeType: changeTypeSchema,
  entityType: z.string(),
  entityId: z.string(),
  timestamp: instantSchema,
  author: z.string().optional(),
  commitHash: z.string().optional(),
  diff: z.string().optional(),
  previousState: z.json().optional(),
  newState: z.json().optional(),
  sessionId: z.string().optional(),
  specId: z.string().optional(),
});

/** A session as the graph sees it (KG-015). */
export const graphSessionSchema = z.strictObject({
  ...looseBase,
  type: z.literal('session'),
  startTime: instantSchema,
  endTime: instantSchema.optional(),
  agentType: z.string(),
  userId: z.string().optional(),
  changes: texts,
  specs: texts,
  status: z.enum(['active', 'completed', 'failed']),
  metadata: metadataSchema.optional(),
});

/** KG-016. */
export const versionSchema = z.strictObject({
  ...looseBase,
  type: z.literal('version'),
  entityId: z.string(),
  path: z.string().optional(),
  hash: z.string(),
  language: z.string().optional(),
  timestamp: instantSchema,
  metadata: metadataSchema.optional(),
});

/** KG-017. */
export const graphCheckpointSchema = z.strictObject({
  ...looseBase,
  type: z.literal('checkpoint'),
  checkpointId: z.string(),
  timestamp: instantSchema,
  reason: checkpointReasonSchema,
  hops: countSchema,
  seedEntities: texts,
  metadata: metadataSchema.optional(),
});

/** KG-019. */
export const businessDomainSchema = z.strictObject({
  ...looseBase,
  type: z.literal('businessDomain'),
  name: z.string(),
  description: z.string(),
  parentDomain: z.string().optional(),
  criticality: z.enum(['core', 'supporting', 'utility']),
  stakeholders: texts,
  keyProcesses: texts,
  extractedFrom: texts,
});

/** KG-020. */
export const semanticClusterSchema = z.strictObject({
  ...looseBase,
  type: z.literal('semanticCluster'),
  name: z.string(),
  description: z.string(),
  businessDomainId: z.string(),
  clusterType: z.enum(['feature', 'module', 'capability', 'service']),
  cohesionScore: z.number(),
  lastAnalyzed: instantSchema,
  memberEntities: texts,
});

/** KG-021. */
export const securityIssueSchema = z.strictObject({
  ...looseBase,
  type: z.literal('securityIssue'),
  tool: z.string(),
  ruleId: z.string(),
  severity: findingSeveritySchema,
  title: z.string(),
  description: z.string(),
  cwe: z.string().optional(),
  owasp: z.string().optional(),
  affectedEntityId: z.string(),
  lineNumber: z.number(),
  codeSnippet: z.string(),
  remediation: z.string(),
  status: findingStatusSchema,
  discoveredAt: instantSchema,
  lastScanned: instantSchema,
  confidence: confidenceSchema,
  metadata: metadataSchema.optional(),
});

/** KG-022. What an advisory does not say is left out, or empty. */
export const vulnerabilitySchema = z.strictObject({
  ...looseBase,
  type: z.literal('vulnerability'),
  packageName: z.string(),
  version: z.string(),
  vulnerabilityId: z.string(),
  severity: findingSeveritySchema,
  description: z.string(),
  cvssScore: z.number().min(0).max(10).optional(),
  affectedVersions: z.string(),
  fixedInVersion: z.string(),
  publishedAt: instantSchema.optional(),
  lastUpdated: instantSchema.optional(),
  exploitability: z.enum(['high', 'medium', 'low']).optional(),
  metadata: metadataSchema.optional(),
});
