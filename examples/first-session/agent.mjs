// A small agent without a model: it mends what one failing test complains about. It runs the tests, reads which
// assertion failed, tries one-token edits of the source that the test imports, and keeps the one that makes all tests
// pass. It stands in for a coding agent, so that the first session needs no account and no network.
//
//   node agent.mjs        in the directory whose tests fail

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** What a token may have been meant to be. */
const SLIPS = [
  ['>', '>='],
  ['>=', '>'],
  ['<', '<='],
  ['<=', '<'],
  ['===', '!=='],
  ['!==', '==='],
  ['+', '-'],
  ['-', '+'],
  ['&&', '||'],
  ['||', '&&'],
];

console.log('Running the tests…');
const before = runTests();
if (before.failures.length === 0) {
  console.log(`All ${before.passed} tests pass; there is nothing to mend.`);
  process.exit(0);
}
const [failure] = before.failures;
console.log(`${before.passed} pass, ${before.failures.length} fails: "${failure.name}"`);
console.log(`  expected ${failure.expected}, got ${failure.actual}`);

for (const file of sourcesUnderTest()) {
  const source = readFileSync(file, 'utf8');
  const candidates = editsOf(source);
  console.log(`Reading ${relative('.', file)}: ${candidates.length} edits could explain it.`);
  for (const candidate of candidates) {
    writeFileSync(file, candidate.text);
    if (runTests().failures.length === 0) {
      console.log(`Mended line ${candidate.line}:`);
      console.log(`  - ${candidate.before.trim()}`);
      console.log(`  + ${candidate.after.trim()}`);
      verify();
    }
    console.log(`  line ${candidate.line}: ${candidate.from} → ${candidate.to} does not help`);
  }
  writeFileSync(file, source);
}
console.log('No single edit makes the tests pass. A person should look at it.');
process.exit(1);

/** Runs the whole suite once more on what is on disk, and ends with its outcome. */
function verify() {
  const after = runTests();
  console.log(`Verified: ${after.passed} of ${after.passed + after.failures.length} tests pass.`);
  process.exit(after.failures.length === 0 ? 0 : 1);
}

/** Outcome of the tests of the current directory, read from their TAP report. */
function runTests() {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap'], { encoding: 'utf8', env });
  const blocks = stdout.split(/^(?=\s*(?:not )?ok \d+ - )/m);
  const failures = blocks
    .filter((block) => /^\s*not ok /.test(block) && /expected:/.test(block))
    .map((block) => ({
      name: block.match(/not ok \d+ - (.*)/)[1],
      expected: block.match(/^\s*expected: (.*)$/m)?.[1],
      actual: block.match(/^\s*actual: (.*)$/m)?.[1],
    }));
  const passed = Number(stdout.match(/^# pass (\d+)$/m)?.[1] ?? 0);
  const failed = Number(stdout.match(/^# fail (\d+)$/m)?.[1] ?? 1);
  // A suite that cannot be loaded fails without an assertion; it must not look like success.
  if (failed > 0 && failures.length === 0) failures.push({ name: 'the suite', expected: 'to run', actual: 'an error' });
  return { passed, failures };
}

/** Files of this project that its tests import. */
function sourcesUnderTest() {
  const found = new Set();
  for (const test of readdirSync('test').map((name) => join('test', name))) {
    for (const [, path] of readFileSync(test, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      found.add(resolve(dirname(test), path));
    }
  }
  return found;
}

/** Every way of exchanging one token of the code, outside of comments and strings. */
function editsOf(source) {
  const lines = source.split('\n');
  return lines.flatMap((line, index) => {
    if (/^\s*(\/\/|\/?\*)/.test(line)) return [];
    return SLIPS.flatMap(([from, to]) => {
      const at = line.indexOf(` ${from} `);
      if (at === -1) return [];
      const after = `${line.slice(0, at)} ${to} ${line.slice(at + from.length + 2)}`;
      const text = [...lines.slice(0, index), after, ...lines.slice(index + 1)].join('\n');
      return [{ line: index + 1, from, to, before: line, after, text }];
    });
  });
}
