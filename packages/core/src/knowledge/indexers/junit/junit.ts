import type { ReportAdapter } from '../../imports/report-adapter.ts';
import { type JunitRun, type RunCase, readJunit } from './read-junit.ts';
import { tellRuns, testIdOf } from './tell-runs.ts';

/** Within how many UTF-16 units the first suite begins. */
const MOST_PROLOGUE = 10_000;

export const junit: ReportAdapter<JunitRun> = {
  format: 'junit',
  recognises: ({ text }) => /^\s*</.test(text) && /<testsuites?[\s>/]/.test(text.slice(0, MOST_PROLOGUE)),
  read: readJunit,
  madeAt: ({ startedAt }) => (startedAt === null ? null : new Date(startedAt)),
  asks: ({ cases }) => ({ entities: cases.map((one: RunCase) => testIdOf(one)), symbolsOf: [], before: false }),
  tell: tellRuns,
};
