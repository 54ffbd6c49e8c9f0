import { z } from 'zod';
import type { ReportAdapter } from '../../imports/report-adapter.ts';
import { type ReportSource, readJson, repositoryPath, unreadable } from '../../imports/report-source.ts';
import { coverageMetricsSchema } from '../../vocabulary/test-entity.ts';
import { isCodeFile, MOST_CASES, MOST_MESSAGE, MOST_STACK, type RunCase, type TestRun } from '../junit/run-case.ts';
import { tellRuns, testIdOf } from '../junit/tell-runs.ts';

const amount = z.number().min(0);
/** KG-283. Of a test that was tried again there is a result for each try, in their order. */
const resultSchema = z.strictObject({
  /** As the graph has it (`test:…`): that test is meant. Any other is the sender's own, and suite and name say which test it is. */
  testId: z.string().trim().min(1).max(2_000),
  /** The file of the test, or what else it stands in, such as a class. */
  testSuite: z.string().trim().min(1).max(2_000),
  /** With the blocks it stands in, the outermost first, by ` > `. */
  testName: z.string().trim().min(1).max(2_000),
  status: z.enum(['passed', 'failed', 'skipped', 'error']),
  /** Milliseconds. */
  duration: amount,
  errorMessage: z.string().optional(),
  stackTrace: z.string().optional(),
  coverage: coverageMetricsSchema.optional(),
  performance: z.strictObject({ memoryUsage: amount, cpuUsage: amount, networkRequests: amount }).partial().optional(),
});
type Result = z.infer<typeof resultSchema>;

const reportSchema = z.strictObject({ testResults: z.array(resultSchema).max(MOST_CASES) });

export const testResults: ReportAdapter<TestRun> = {
  format: 'test-results',
  // Runners have lists of that name as well, of other things.
  recognises: (_source, json) => z.looseObject({ testResults: z.array(isResult).min(1) }).safeParse(json).success,
  read: readTestResults,
  asks: ({ cases }) => ({ entities: cases.map((one) => testIdOf(one)), symbolsOf: [], before: false }),
  tell: tellRuns,
};

const isResult = z.looseObject({ testId: z.unknown(), testSuite: z.unknown(), testName: z.unknown() });

/** @throws IMPORT_UNREADABLE, GRAPH_REPORT_PATH */
export function readTestResults(source: ReportSource): TestRun {
  const parsed = reportSchema.safeParse(readJson('test-results', source));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable('test-results', `${issue?.path.join('.') || 'the report'}: ${issue?.message}`);
  }
  return { cases: parsed.data.testResults.map((one) => caseOf(source, one)), startedAt: null };
}

function caseOf(source: ReportSource, result: Result): RunCase {
  const { testId, testSuite, testName, status, duration, errorMessage, stackTrace, coverage, performance } = result;
  const [, fileOfId] = /^test:([^#]+)#/.exec(testId) ?? [];
  const file = [testSuite, fileOfId].find((one) => one !== undefined && isCodeFile(one));
  return {
    ...(testId.startsWith('test:') ? { id: testId } : {}),
    ...{
      path: file === undefined ? null : repositoryPath('test-results', source, file),
      className: testSuite,
      names: testName.split(' > '),
      status,
      duration,
    },
    message: errorMessage?.slice(0, MOST_MESSAGE) ?? null,
    stack: stackTrace?.slice(0, MOST_STACK) ?? null,
    failedBefore: 0,
    ...(coverage ? { coverage } : {}),
    ...(performance ? { performance } : {}),
  };
}
