import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * A vitest reporter that writes what `npm test` needs for its last lines, also the reasons of skips, which vitest's own
 * JSON leaves out. Into the file named by SIGNALBOX_TEST_SUMMARY:
 * `{ passed, failed, failures: string[], flaky: string[], skipped: [{ where, count, reason }] }`. What passed only when it was tried
 * again counts as passed, and stands in `flaky`. A file that cannot be loaded and an error
 * outside of any test count as one failure each: both mean that something was not tested.
 */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = { passed: 0, failed: 0, failures: [], flaky: [], skipped: [] };
    for (const module of modules) {
      const file = relative(process.cwd(), module.moduleId);
      for (const error of module.errors()) fail(summary, `${file}: ${error.message}`);
      for (const test of module.children.allTests()) count(summary, file, test);
    }
    for (const error of unhandledErrors) fail(summary, `outside of any test: ${error.message}`);
    writeFileSync(process.env.SIGNALBOX_TEST_SUMMARY, JSON.stringify(summary));
  }
}

function count(summary, file, test) {
  const { state, note } = test.result();
  if (state === 'passed') {
    summary.passed++;
    if (test.diagnostic()?.flaky) summary.flaky.push(`${file}: ${test.fullName}`);
  } else if (state === 'failed') fail(summary, `${file}: ${test.fullName}`);
  else skip(summary, file, test, note ?? null);
}

function fail(summary, what) {
  summary.failed++;
  summary.failures.push(what);
}

/** Tests of one group that are skipped for one reason make one entry. */
function skip(summary, file, test, reason) {
  const where = test.parent.type === 'suite' ? `${file}: ${test.parent.fullName}` : file;
  const known = summary.skipped.find((entry) => entry.where === where && entry.reason === reason);
  if (known === undefined) summary.skipped.push({ where, count: 1, reason });
  else known.count++;
}
