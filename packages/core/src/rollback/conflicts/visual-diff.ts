import { z } from 'zod';
import { resolutionStrategySchema } from './conflict-resolution.ts';
import { type RollbackConflict, rollbackConflictSchema } from './rollback-conflict.ts';

/** How two values are shown beside each other (RB-145). */
export const DIFF_TYPES = ['line', 'word', 'char', 'json', 'semantic'] as const;
export const diffTypeSchema = z.enum(DIFF_TYPES);
export type DiffType = z.infer<typeof diffTypeSchema>;

/** A piece of a line that was changed (RB-150). */
export const diffTokenSchema = z.object({
  text: z.string(),
  type: z.enum(['added', 'removed', 'unchanged']),
  /** Characters from the start of the line: of the original one where it was removed, else of the present one. */
  start: z.int(),
  end: z.int(),
});
export type DiffToken = z.infer<typeof diffTokenSchema>;

export const diffLineSchema = z.object({
  /** Among the lines of the old side, from 1; none on added lines. */
  lineNumber: z.int().optional(),
  type: z.enum(['added', 'removed', 'modified', 'context']),
  content: z.string(),
  /** What a modified line was. */
  originalContent: z.string().optional(),
  /** 95; less where the texts were too different to look for all that they have in common. */
  confidence: z.number(),
  tokens: z.array(diffTokenSchema).optional(),
});
export type DiffLine = z.infer<typeof diffLineSchema>;

export const DIFF_SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export const diffSeveritySchema = z.enum(DIFF_SEVERITIES);
export type DiffSeverity = z.infer<typeof diffSeveritySchema>;

export const visualDiffSummarySchema = z.object({
  severity: diffSeveritySchema,
  autoResolvable: z.boolean(),
  recommendedStrategy: resolutionStrategySchema,
  reason: z.string(),
  /** What else the conflict touches (RB-155). */
  impact: z.object({
    entities: z.array(z.string()),
    relationships: z.array(z.string()),
    dependencies: z.array(z.string()),
  }),
});
export type VisualDiffSummary = z.infer<typeof visualDiffSummarySchema>;

/** RB-151. */
export const diffMetadataSchema = z.object({
  totalLines: z.int(),
  addedLines: z.int(),
  removedLines: z.int(),
  modifiedLines: z.int(),
  /** Percent of the lines, words or characters that are unchanged; 100 for two empty values. */
  similarity: z.number().min(0).max(100),
});
export type DiffMetadata = z.infer<typeof diffMetadataSchema>;

/** A conflict made visible (RB-144): the old side is the rollback's value, the new side the present one (RB-146). */
export const visualDiffSchema = z.object({
  id: z.string(),
  type: diffTypeSchema,
  conflict: rollbackConflictSchema,
  changes: z.array(diffLineSchema),
  summary: visualDiffSummarySchema,
  metadata: diffMetadataSchema,
});

export interface VisualDiff {
  id: string;
  type: DiffType;
  conflict: RollbackConflict;
  changes: DiffLine[];
  summary: VisualDiffSummary;
  metadata: DiffMetadata;
}
