import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const INSTALLED = fileURLToPath(new URL('../../claude-code-program/node_modules/.bin/claude', import.meta.url));

/**
 * The Claude Code program that tests run: `SIGNALBOX_CLAUDE_CODE`, the one that `npm ci --prefix tests/claude-code-program`
 * installs, or one on the PATH; null after saying that `count` tests are skipped for want of it.
 */
export async function claudeCodeOrSkip(count: number): Promise<string | null> {
  const named = process.env.SIGNALBOX_CLAUDE_CODE;
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'claude'));
  for (const path of [...(named ? [named] : []), INSTALLED, ...onPath]) {
    const there = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  const reason = 'Claude Code is not installed; `npm ci --prefix tests/claude-code-program` installs it';
  if (process.env.SIGNALBOX_REQUIRE_ALL === '1') throw new Error(`${count} tests cannot run: ${reason}.`);
  console.warn(`SKIPPED ${count} tests: ${reason}.`);
  return null;
}
