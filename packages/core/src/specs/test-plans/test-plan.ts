import { z } from 'zod';

const percentSchema = z.number().min(0).max(100);

/** KG-282. */
export const planTestsSchema = z.strictObject({
  /** Of which kinds tests are planned; tests that there are count whatever they are. */
  testTypes: z
    .array(z.enum(['unit', 'integration', 'e2e']))
    .min(1)
    .max(3)
    .optional(),
  /** How much of its code has to be run by tests, in percent. */
  coverage: z
    .strictObject({ minLines: percentSchema, minBranches: percentSchema, minFunctions: percentSchema })
    .partial()
    .default({}),
  includePerformanceTests: z.boolean().default(false),
  includeSecurityTests: z.boolean().default(false),
});
export type PlanTests = z.input<typeof planTestsSchema>;

export const plannedTestSchema = z.object({
  name: z.string(),
  description: z.string(),
  type: z.enum(['unit', 'integration', 'e2e', 'performance', 'security']),
  /** The entity that it is about, where that is one. */
  targetFunction: z.string().nullable(),
  assertions: z.array(z.string()),
  /** What its target takes, as far as the graph knows. */
  dataRequirements: z.array(z.string()),
  acceptanceCriteriaIds: z.array(z.string()),
  /** The test that there is; null for one that is to be written. */
  testId: z.string().nullable(),
  /** How that went last. */
  status: z.enum(['passing', 'failing', 'skipped', 'unknown', 'missing']),
});
export type PlannedTest = z.infer<typeof plannedTestSchema>;

const shareSchema = z.number().nullable();

export const testPlanSchema = z.object({
  specId: z.string(),
  revision: z.int(),
  testPlan: z.object({
    unitTests: z.array(plannedTestSchema),
    integrationTests: z.array(plannedTestSchema),
    e2eTests: z.array(plannedTestSchema),
    performanceTests: z.array(plannedTestSchema),
    securityTests: z.array(plannedTestSchema),
  }),
  estimatedCoverage: z.object({
    /** Percent of its criteria of which a test is known now, and of which one will be once all that is planned is written. */
    criteria: z.number(),
    criteriaPlanned: z.number(),
    /** What reports of coverage say of its code, the mean of what they say of each; null where none says anything. */
    lines: shareSchema,
    branches: shareSchema,
    functions: shareSchema,
  }),
  /** The files of its code. */
  changedFiles: z.array(z.string()),
  /** What is missing, or not known. */
  gaps: z.array(z.object({ acceptanceCriteriaId: z.string().nullable(), reason: z.string() })),
});
export type TestPlan = z.infer<typeof testPlanSchema>;
