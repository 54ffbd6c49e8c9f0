import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { summaryLines } from './summary-lines.mjs';

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
let root;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'signalbox-reporter-'));
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
  rmSync(root, { recursive: true, force: true });
});

/** How often the repository's own configuration tries a test again. */
async function retries(ci) {
  vi.resetModules();
  vi.stubEnv('CI', ci);
  return (await import('../../vitest.config.ts')).default.test.retry;
}

function summaryOf(tests, retry) {
  writeFileSync(join(root, 'planted.test.mjs'), `import { expect, test } from 'vitest';\nlet tries = 0;\n${tests}\n`);
  const file = join(root, 'summary.json');
  const vitest = join(repository, 'node_modules', 'vitest', 'vitest.mjs');
  const reporter = join(repository, 'scripts', 'testing', 'summary-reporter.mjs');
  const run = spawnSync(process.execPath, [vitest, 'run', `--retry=${retry}`, `--reporter=${reporter}`], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, SIGNALBOX_TEST_SUMMARY: file },
  });
  return { code: run.status, summary: JSON.parse(readFileSync(file, 'utf8')) };
}

const PLANTED = `
test('passes', () => expect(1).toBe(1));
test('passes at its second try', () => expect(++tries).toBe(2));
test('never passes', () => expect(1).toBe(2));
test('is left out', ({ skip }) => skip('nothing to try it with'));
`;

test('what passes only at its second try counts as passed and is told as flaky; what never passes fails', async () => {
  const { code, summary } = summaryOf(PLANTED, await retries('true'));
  expect(code).not.toBe(0);
  expect(summary).toEqual({
    passed: 2,
    failed: 1,
    failures: ['planted.test.mjs: never passes'],
    flaky: ['planted.test.mjs: passes at its second try'],
    skipped: [{ where: 'planted.test.mjs', count: 1, reason: 'nothing to try it with' }],
  });
  expect(summaryLines(summary, { requireAll: true })).toEqual([
    'failed: planted.test.mjs: never passes',
    'flaky: planted.test.mjs: passes at its second try',
    'skipped: 1 of planted.test.mjs (nothing to try it with)',
    '1 tests in 1 optional parts were skipped.',
    'SIGNALBOX_REQUIRE_ALL=1: each of them counts as failed.',
  ]);
});

test('outside of CI nothing is tried again, so that whoever wrote a flaky test meets it', async () => {
  const { summary } = summaryOf(PLANTED, await retries(''));
  expect(summary).toMatchObject({ passed: 1, failed: 2, flaky: [] });
  expect(summary.failures).toContain('planted.test.mjs: passes at its second try');
});
