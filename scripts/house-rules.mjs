#!/usr/bin/env node
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The house rules of ARCHITECTURE.md as a check that fails: imports by dependency-cruiser, and two rules about text that
 * no import shows. `root` is the repository, or a planted copy of part of it in the check's own test.
 */
const here = dirname(dirname(fileURLToPath(import.meta.url)));
const root = process.argv[2] ?? here;

/** Statements begin with a verb in capitals: that is how SQL is written here. */
const SQL =
  /(['"`])\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|CREATE|ALTER|DROP|TRUNCATE|LISTEN|NOTIFY|LOCK) [A-Za-z_"$(]/;
/** Where SQL may stand: stores, and the database's own rooms. */
const SQL_PLACES = /-store\.ts$|\/platform\/database\/|\/testing\/|\.test\.tsx?$|\/migrations\//;
/** Time and chance are injected everywhere but in the ports that provide them. */
const AMBIENT = /\b(Date\.now\(\)|new Date\(\)|Math\.random\(\))/;
const AMBIENT_PLACES = /\/platform\/(clock|ids)\/|\/dashboard\/|\.test\.tsx?$|\/testing\/|\/generated\//;

const problems = [];

for (const file of sources()) {
  const text = readFileSync(join(root, file), 'utf8');
  text.split('\n').forEach((line, index) => {
    if (/^\s*(\*|\/\/|\/\*)/.test(line)) return;
    if (SQL.test(line) && !SQL_PLACES.test(file)) problems.push(`${file}:${index + 1} holds SQL; only *-store.ts may`);
    if (AMBIENT.test(line) && !AMBIENT_PLACES.test(file))
      problems.push(`${file}:${index + 1} takes time or chance that was not injected`);
  });
}

const cruise = spawnSync(
  process.execPath,
  [
    join(here, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
    '--config',
    join(here, '.dependency-cruiser.cjs'),
    '--output-type',
    'err',
    'packages',
  ],
  { cwd: root, encoding: 'utf8' },
);
if (cruise.status !== 0) problems.push((cruise.stdout + cruise.stderr).trim());

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(cruise.stdout.trim());

/** TypeScript sources of all packages, as paths relative to the root. */
function sources() {
  return execFileSync(
    'find',
    [
      'packages',
      '-path',
      '*/src/*',
      '(',
      '-name',
      '*.ts',
      '-o',
      '-name',
      '*.tsx',
      ')',
      '-not',
      '-path',
      '*/node_modules/*',
    ],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
    .split('\n')
    .filter(Boolean)
    .map((file) => relative(root, join(root, file)));
}
