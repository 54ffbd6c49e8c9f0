import type { CoverageMetrics } from '../../vocabulary/test-entity.ts';

/** Most tests of a report, and of what is told of a failure. */
export const MOST_CASES = 100_000;
export const MOST_MESSAGE = 2_000;
export const MOST_STACK = 8_000;
const CODE_FILE = /\.(?:[cm]?[jt]sx?|py|rb|php|go|rs|java|kt|cs|swift|dart|vue|svelte)$/i;

/** How a test came out, as a report of a run tells it. */
export interface RunCase {
  /** Where the report names the test by its id in the graph. */
  id?: string;
  /** The file of the test, relative to the repository; null where the report does not say. */
  path: string | null;
  /** What the test stands in where no file is named, such as a class. */
  className: string;
  /** The outermost block first. */
  names: string[];
  status: 'passed' | 'failed' | 'skipped' | 'error';
  /** Milliseconds; null where the report does not say. */
  duration: number | null;
  message: string | null;
  stack: string | null;
  /** How often it failed before it passed, within this run. */
  failedBefore: number;
  /** What this test alone ran, and what it used, where the report says so. */
  coverage?: CoverageMetrics;
  performance?: Record<string, number>;
}

export interface TestRun {
  cases: RunCase[];
  /** ISO 8601, of the first suite that says when it was run. */
  startedAt: string | null;
}

/** Whether a suite or class is a file. */
export function isCodeFile(text: string): boolean {
  return CODE_FILE.test(text) && !/\s/.test(text);
}
