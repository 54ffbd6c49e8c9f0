import type { ReportAdapter } from '../../imports/report-adapter.ts';
import { readJunit } from './read-junit.ts';
import type { TestRun } from './run-case.ts';
import { tellRuns, testIdOf } from './tell-runs.ts';

/** Within how many UTF-16 units the first suite begins. */
const MOST_PROLOGUE = 10_000;

export const junit: ReportAdapter<TestRun> = {
  format: 'junit',
  recognises: ({ text }) => /^\s*</.test(text) && /<testsuites?[\s>/]/.test(text.slice(0, MOST_PROLOGUE)),
  read: readJunit,
  madeAt: ({ startedAt }) => (startedAt === null ? null : new Date(startedAt)),
  asks: ({ cases }) => ({ entities: cases.map((one) => testIdOf(one)), symbolsOf: [], before: false }),
  tell: tellRuns,
};
