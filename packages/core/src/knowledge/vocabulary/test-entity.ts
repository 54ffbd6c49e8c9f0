import { z } from 'zod';
import { codeBase } from './entity-base.ts';
import { instantSchema, metadataSchema, testTypeSchema } from './terms.ts';

const percentSchema = z.number().min(0).max(100);
/** Percentages (KG-010); what a report does not tell of is left out. */
export const coverageMetricsSchema = z
  .strictObject({ lines: percentSchema, branches: percentSchema, functions: percentSchema, statements: percentSchema })
  .partial();
export type CoverageMetrics = z.infer<typeof coverageMetricsSchema>;

const testExecutionSchema = z.strictObject({
  id: z.string(),
  timestamp: instantSchema,
  /** Of one run; a test's own status has other words (KG-011). */
  status: z.enum(['passed', 'failed', 'skipped', 'error']),
  /** Milliseconds. */
  duration: z.number(),
  errorMessage: z.string().optional(),
  stackTrace: z.string().optional(),
  coverage: coverageMetricsSchema.optional(),
  performance: z
    .strictObject({
      memoryUsage: z.number(),
      cpuUsage: z.number(),
      networkRequests: z.number(),
      databaseQueries: z.number(),
      fileOperations: z.number(),
    })
    .partial()
    .optional(),
  environment: metadataSchema.optional(),
});

/** Times in milliseconds, rates from 0 to 1 (KG-012). */
export const performanceMetricsSchema = z.strictObject({
  averageExecutionTime: z.number(),
  p95ExecutionTime: z.number(),
  successRate: z.number(),
  trend: z.enum(['improving', 'stable', 'degrading']),
  benchmarkComparisons: z.array(
    z.strictObject({
      benchmark: z.string(),
      value: z.number(),
      status: z.enum(['above', 'below', 'at']),
      threshold: z.number(),
    }),
  ),
  historicalData: z.array(
    z.strictObject({
      timestamp: instantSchema,
      executionTime: z.number(),
      averageExecutionTime: z.number(),
      p95ExecutionTime: z.number(),
      successRate: z.number(),
      /** Left out where the run did not measure it. */
      coveragePercentage: z.number().optional(),
      runId: z.string().optional(),
    }),
  ),
});

/** KG-009. What only a run can tell is left out until one has told it: nobody makes it up. */
export const testEntitySchema = z.strictObject({
  ...codeBase,
  type: z.literal('test'),
  testType: testTypeSchema,
  targetSymbol: z.string(),
  framework: z.string(),
  coverage: coverageMetricsSchema.optional(),
  status: z.enum(['passing', 'failing', 'skipped', 'unknown']),
  flakyScore: z.number().optional(),
  lastRunAt: instantSchema.optional(),
  lastDuration: z.number().optional(),
  executionHistory: z.array(testExecutionSchema),
  performanceMetrics: performanceMetricsSchema.optional(),
  dependencies: z.array(z.string()),
  tags: z.array(z.string()),
});
