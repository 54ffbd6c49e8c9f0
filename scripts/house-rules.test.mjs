import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
let root;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'signalbox-house-'));
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  plant('packages/core/src/journal/index.ts', "export { write } from './write.ts';");
  plant('packages/core/src/journal/write.ts', 'export const write = 1;');
  plant('packages/core/src/platform/clock/clock.ts', 'export const now = () => Date.now();');
  plant(
    'packages/core/src/sessions/session-store.ts',
    "import { write } from '../journal/index.ts';\nexport const q = ['SELECT id FROM sessions', write];",
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function plant(path, text) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), `${text}\n`);
}

function check() {
  const run = spawnSync(process.execPath, [join(repository, 'scripts/house-rules.mjs'), root], { encoding: 'utf8' });
  return { failed: run.status !== 0, said: run.stdout + run.stderr };
}

test('a house in order passes', () => {
  expect(check()).toMatchObject({ failed: false });
});

test.each([
  [
    'platform-imports-no-room',
    'packages/core/src/platform/bus/bus.ts',
    "import { write } from '../../journal/index.ts';\nexport const b = write;",
  ],
  [
    'rooms-through-their-index',
    'packages/core/src/sessions/session.ts',
    "import { write } from '../journal/write.ts';\nexport const s = write;",
  ],
  [
    'rooms-through-their-index',
    'packages/core/src/sessions/run/run.ts',
    "import type { write } from '../../journal/write.ts';\nexport type R = typeof write;",
  ],
  [
    'core-imports-no-other-package',
    'packages/core/src/sessions/session.ts',
    "import { s } from '../../../server/src/index.ts';\nexport const t = s;",
  ],
  [
    'dashboard-talks-through-the-client',
    'packages/dashboard/src/app.ts',
    "import { s } from '../../server/src/index.ts';\nexport const t = s;",
  ],
  [
    'cli-talks-through-client-or-server',
    'packages/cli/src/run.ts',
    "import { write } from '../../core/src/journal/index.ts';\nexport const t = write;",
  ],
  [
    'langgraph-talks-through-the-client',
    'packages/langgraph/src/saver.ts',
    "import { write } from '../../core/src/journal/index.ts';\nexport const t = write;",
  ],
  [
    'driver-in-the-database-alone',
    'packages/core/src/sessions/session.ts',
    "import pg from 'pg';\nexport const p = pg;",
  ],
  [
    'no-cycles',
    'packages/core/src/journal/write.ts',
    "import * as all from './index.ts';\nexport const write = () => all;",
  ],
  [
    'no-tests-in-the-product',
    'packages/core/src/sessions/session.ts',
    "import { t } from './planted.test.ts';\nexport const s = t;",
  ],
  [
    'holds SQL',
    'packages/core/src/sessions/sessions.ts',
    'export const q = `\n`; export const r = `UPDATE sessions SET title = 1`;',
  ],
  ['time or chance', 'packages/core/src/sessions/sessions.ts', 'export const t = () => Date.now();'],
])('%s: %s', (rule, path, text) => {
  plant('packages/server/src/index.ts', 'export const s = 1;');
  plant('packages/core/src/sessions/planted.test.ts', 'export const t = 1;');
  plant(path, text);
  const { failed, said } = check();
  expect(failed).toBe(true);
  expect(said).toContain(rule);
});
