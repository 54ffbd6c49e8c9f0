import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { postgresBackend, type TestDatabase } from '@signalbox/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replayHistory } from './replay-history.ts';

const run = promisify(execFile);
const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** With the whole history of this project at hand its last commits are replayed; a shallow or exported copy has none. */
const isFullClone = await run('git', ['rev-parse', '--is-shallow-repository'], { cwd: REPOSITORY }).then(
  ({ stdout }) => stdout.trim() === 'false',
  () => false,
);

describe('a history replayed as tool calls, of which random subsets are undone', () => {
  let opened: TestDatabase;
  let made: string;
  beforeEach(async () => {
    opened = await postgresBackend.open();
    made = await mkdtemp(join(tmpdir(), 'signalbox-history-'));
  });
  afterEach(async () => {
    await opened.close();
    await rm(made, { recursive: true, force: true });
  });

  test('comes to the trees that git revert makes', { timeout: 600_000 }, async () => {
    const repository = isFullClone ? REPOSITORY : await generatedHistory(made);
    const sizes = { commits: isFullClone ? 40 : 20, rounds: 10, seed: 20 };
    const outcome = await replayHistory({ database: opened.database, repository, ...sizes });
    expect(outcome.different).toEqual([]);
    expect(outcome.commits).toBeGreaterThan(15);
    expect(outcome.equal).toBeGreaterThan(0);
  });
});

/** Files that come, change at both ends, move between directories and go. */
async function generatedHistory(directory: string): Promise<string> {
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=x', '-c', 'user.email=x', ...args], { cwd: directory });
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
  await git('init', '--quiet');
  for (let commit = 0; commit < 24; commit++) {
    const path = join(directory, `d${commit % 3}`, `f${commit % 5}.txt`);
    await mkdir(dirname(path), { recursive: true });
    lines[(commit * 7) % 30] = `changed by ${commit}`;
    await writeFile(path, `${lines.join('\n')}\n`);
    await git('add', '--all');
    if (commit % 6 === 5) await git('mv', `d${commit % 3}/f${commit % 5}.txt`, `moved-${commit}.txt`);
    await git('commit', '--quiet', '-m', `commit ${commit}`);
  }
  return directory;
}
