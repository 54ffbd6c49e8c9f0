import { z } from 'zod';
import { entityTypeSchema } from '../vocabulary/entity.ts';
import { entityIdSchema, FINDING_SEVERITIES, findingSeveritySchema, findingStatusSchema } from '../vocabulary/terms.ts';

export type FindingStatus = z.infer<typeof findingStatusSchema>;

export const SCAN_TYPES = ['sast', 'sca', 'secrets', 'dependency'] as const;

/** KG-300. `sca` and `dependency` are two words for advisories about packages. */
export const securityScanSchema = z.strictObject({
  /** Of a file also what is in its symbols; all of the project without it. */
  entityIds: z.array(entityIdSchema).min(1).max(2_000).optional(),
  scanTypes: z.array(z.enum(SCAN_TYPES)).min(1).max(SCAN_TYPES.length).optional(),
  severity: z.array(findingSeveritySchema).min(1).max(FINDING_SEVERITIES.length).optional(),
});
export type SecurityScan = z.input<typeof securityScanSchema>;

const findingSchema = z.looseObject({
  id: z.string(),
  type: entityTypeSchema,
  severity: findingSeveritySchema,
  status: findingStatusSchema,
  affectedEntities: z.array(z.string()),
});
export type Finding = z.infer<typeof findingSchema>;
const findings = z.array(findingSchema);
const countsSchema = z.object({
  critical: z.int(),
  high: z.int(),
  medium: z.int(),
  low: z.int(),
  info: z.int(),
});

export const scannedSchema = z.object({
  /** Open findings in code, the most severe first, */
  issues: findings,
  /** and open advisories about packages. */
  vulnerabilities: findings,
  summary: z.object({
    totalIssues: z.int(),
    bySeverity: countsSchema,
    byType: z.object({ sast: z.int(), secrets: z.int(), dependency: z.int() }),
  }),
  /** What is not open, and not counted. */
  apart: z.object({ accepted: findings, falsePositive: findings, fixed: findings }),
  /** When a report of each kind came in last; null where none ever did, so that nothing found says nothing. */
  reported: z.object({ code: z.iso.datetime().nullable(), dependencies: z.iso.datetime().nullable() }),
});
export type Scanned = z.infer<typeof scannedSchema>;

/** KG-301: each open advisory is in exactly one part of the remediation, and under its package. */
export const vulnerabilityReportSchema = z.object({
  summary: z.object({ total: z.int(), ...countsSchema.shape }),
  vulnerabilities: findings,
  byPackage: z.record(z.string(), findings),
  remediation: z.object({
    /** Critical and high ones. */
    immediate: findings,
    /** Others that a newer version mends. */
    planned: findings,
    /** Others of which nobody knows a version that mends them. */
    monitoring: findings,
  }),
  apart: z.object({ accepted: findings, falsePositive: findings, fixed: findings }),
  reported: z.iso.datetime().nullable(),
});
export type VulnerabilityReport = z.infer<typeof vulnerabilityReportSchema>;
