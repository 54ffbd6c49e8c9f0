// `npm test`: installs, builds, runs every test, says what was skipped and why. The last line is `N passed, N failed`.
//
//   --with-check     also runs `npm run check`, counted as one test
//   other arguments  go to vitest
//
// With SIGNALBOX_REQUIRE_ALL=1 a skipped test counts as failed: nothing may be missing then. With CI set a test that failed is
// tried once more; one that passes then is told as flaky.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './launcher/prepare.mjs';
import { runChild } from './launcher/run-child.mjs';
import { skippedTests, summaryLines } from './testing/summary-lines.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const requireAll = process.env.SIGNALBOX_REQUIRE_ALL === '1';
const withCheck = process.argv.includes('--with-check');
const forVitest = process.argv.slice(2).filter((argument) => argument !== '--with-check');

let passed = 0;
let failed = 0;

try {
  const node = await prepare(root);
  if (node !== null) {
    if (withCheck) await check();
    await test(node);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  failed++;
}
if (passed + failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Format, lint, types and house rules. */
async function check() {
  const npm = process.env.npm_execpath;
  const command = npm === undefined ? ['npm'] : [process.execPath, npm];
  const code = await runChild(command[0], [...command.slice(1), 'run', '--silent', 'check'], { cwd: root });
  if (code === 0) passed++;
  else failed++;
  console.log(`npm run check ${code === 0 ? 'passed' : `failed with exit code ${code}`}`);
}

/** @param {string} node */
async function test(node) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
  const file = join(folder, 'summary.json');
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'testing', 'summary-reporter.mjs')}`];
    const code = await runChild(node, [vitest, 'run', ...reporters, ...forVitest], {
      cwd: root,
      env: { ...process.env, SIGNALBOX_TEST_SUMMARY: file },
    });
    const summary = JSON.parse(readFileSync(file, 'utf8'));
    passed += summary.passed;
    failed += summary.failed;
    // Vitest may fail for reasons that are no test's: say so rather than end green.
    if (code !== 0 && summary.failed === 0) {
      failed++;
      console.error(`vitest ended with exit code ${code}`);
    }
    if (requireAll) failed += skippedTests(summary);
    for (const line of summaryLines(summary, { requireAll })) console.log(line);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
