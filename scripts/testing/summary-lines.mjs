/**
 * @typedef {{ failures: string[], flaky: string[], skipped: { where: string, count: number, reason: string | null }[] }} Told
 */

/** @param {Told} summary */
export function skippedTests({ skipped }) {
  return skipped.reduce((sum, { count }) => sum + count, 0);
}

/**
 * What `npm test` says before its closing line.
 * @param {Told} summary
 * @param {{ requireAll: boolean }} options whether a skipped test counts as failed
 */
export function summaryLines(summary, { requireAll }) {
  const { failures, flaky, skipped } = summary;
  const lines = [...failures.map((test) => `failed: ${test}`), ...flaky.map((test) => `flaky: ${test}`)];
  if (skipped.length === 0) return lines;
  for (const { where, count, reason } of skipped) {
    lines.push(`skipped: ${count} of ${where}${reason === null ? '' : ` (${reason})`}`);
  }
  lines.push(`${skippedTests(summary)} tests in ${skipped.length} optional parts were skipped.`);
  if (requireAll) lines.push('SIGNALBOX_REQUIRE_ALL=1: each of them counts as failed.');
  return lines;
}
