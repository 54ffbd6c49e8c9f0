import { z } from 'zod';
import { issueSchema } from '../../specs/index.ts';
import { proposedChangesSchema } from '../proposed-change.ts';

export const CHECKS = ['typescript', 'eslint', 'security', 'tests', 'coverage', 'architecture'] as const;
export type CheckName = (typeof CHECKS)[number];
const percentSchema = z.number().min(0).max(100);
const pathSchema = z.string().min(1).max(4_096);

/** KG-291. */
export const validateSchema = z
  .strictObject({
    workspaceId: z.uuid(),
    /** Which files of the workspace, as they are; without these and changes, those of the specification's code. */
    files: z.array(pathSchema).min(1).max(2_000).optional(),
    /** What would be after these changes. Nothing is written. */
    changes: proposedChangesSchema.optional(),
    specId: z.string().min(1).max(2_000).optional(),
    /** Each has to run and pass. Without it all are tried, and those that run have to pass. */
    includeTypes: z.array(z.enum(CHECKS)).min(1).max(CHECKS.length).optional(),
    failOnWarnings: z.boolean().default(false),
    /** How much of the files has to be run by tests; below that it is an error. */
    coverage: z
      .strictObject({ minLines: percentSchema, minBranches: percentSchema, minFunctions: percentSchema })
      .partial()
      .default({}),
  })
  .refine(({ files, changes, specId }) => files ?? changes ?? specId, 'needs files, changes or a specId');
export type Validate = z.input<typeof validateSchema>;

/** What a check came to. One that could not run has not passed (KG-293). */
const outcome = {
  status: z.enum(['passed', 'failed', 'not_run']),
  /** Why it failed, or did not run; null for one that passed. */
  reason: z.string().nullable(),
};
const issuesSchema = z.array(issueSchema);
const linted = { ...outcome, errors: z.int(), warnings: z.int(), issues: issuesSchema };
const shareSchema = z.number().nullable();

/** KG-292. */
export const validationSchema = z.object({
  overall: z.object({
    /** All that ran passed, something did run, and so did all that was asked for by name. */
    passed: z.boolean(),
    /** Of the checks that were tried, how many in 100 passed. */
    score: z.number(),
    /** Milliseconds. */
    duration: z.number(),
    /** Checks that did not run. */
    notRun: z.array(z.enum(CHECKS)),
    failed: z.array(z.enum(CHECKS)),
  }),
  files: z.array(z.string()),
  typescript: z.object(linted).optional(),
  eslint: z.object({ ...linted, program: z.string().nullable() }).optional(),
  security: z
    .object({
      ...outcome,
      critical: z.int(),
      high: z.int(),
      medium: z.int(),
      low: z.int(),
      info: z.int(),
      issues: z.array(z.looseObject({ id: z.string(), type: z.string() })),
    })
    .optional(),
  tests: z
    .object({
      ...outcome,
      passed: z.int(),
      failed: z.int(),
      skipped: z.int(),
      /** Tests of the files of which no run is known since the files are as they are. */
      unknown: z.int(),
      coverage: shareSchema,
      failing: z.array(z.string()),
    })
    .optional(),
  coverage: z
    .object({ ...outcome, lines: shareSchema, branches: shareSchema, functions: shareSchema, issues: issuesSchema })
    .optional(),
  architecture: z.object({ ...outcome, violations: z.int(), issues: issuesSchema }).optional(),
});
export type Validation = z.infer<typeof validationSchema>;
export type CheckResults = Omit<Validation, 'overall' | 'files'>;
