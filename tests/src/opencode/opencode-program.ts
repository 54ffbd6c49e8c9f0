import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const INSTALLED = fileURLToPath(new URL('../../opencode-program/node_modules/.bin/opencode', import.meta.url));

/**
 * The OpenCode program that tests run: `SIGNALBOX_OPENCODE`, the one that `npm ci --prefix tests/opencode-program`
 * installs, or one on the PATH; null when there is none.
 */
export async function findTestOpencode(): Promise<string | null> {
  const named = process.env.SIGNALBOX_OPENCODE;
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'opencode'));
  for (const path of [...(named ? [named] : []), INSTALLED, ...onPath]) {
    if (await isExecutable(path)) return path;
  }
  return null;
}

/**
 * The program, or null after saying that `count` tests are skipped for want of it. Where every part is required
 * (`SIGNALBOX_REQUIRE_ALL=1`), a missing one is an error.
 */
export async function opencodeOrSkip(count: number): Promise<string | null> {
  const program = await findTestOpencode();
  if (program) return program;
  const reason = 'OpenCode is not installed; `npm ci --prefix tests/opencode-program` installs it';
  if (process.env.SIGNALBOX_REQUIRE_ALL === '1') throw new Error(`${count} tests cannot run: ${reason}.`);
  console.warn(`SKIPPED ${count} tests: ${reason}.`);
  return null;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
