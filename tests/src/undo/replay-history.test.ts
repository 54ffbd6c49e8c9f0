import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
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

  test.each([
    // Whatever files are called, and however they are kept.
    { history: 'one made for it', repository: () => generatedHistory(made, 28), commits: 24, rounds: 8 },
    ...(isFullClone
      ? [{ history: "this project's own", repository: async () => REPOSITORY, commits: 20, rounds: 4 }]
      : []),
  ])('$history comes to the trees that git revert makes', { timeout: 600_000 }, async ({ repository, ...sizes }) => {
    const outcome = await replayHistory({
      database: opened.database,
      repository: await repository(),
      seed: 20,
      ...sizes,
    });
    expect(outcome.different).toEqual([]);
    expect(outcome.commits).toBeGreaterThan(12);
    expect(outcome.equal).toBeGreaterThan(0);
  });
});

/** Names that are quoted by git, taken for options, patterns or something else by a shell, or that differ by normalisation alone. */
const NAMES = [
  'plain.txt',
  'with space.txt',
  '-rf',
  'zeile\nzwei',
  'tab\there',
  'he said "no".md',
  "it's",
  'a\\b',
  '*.txt',
  '.hidden',
];
const UNICODE_NAMES = ['caf\u00e9', 'cafe\u0301', '\u65e5\u672c\u8a9e.txt', '\u{1f689}'];

/** Files that come, change at both ends, move, become something else and go; of every kind that git keeps. */
async function generatedHistory(directory: string, commits: number): Promise<string> {
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=x', '-c', 'user.email=x', '-c', 'core.autocrlf=false', ...args], { cwd: directory });
  const at = (name: string) => join(directory, name);
  const put = async (name: string, content: string | Buffer) => {
    await mkdir(dirname(at(name)), { recursive: true });
    await writeFile(at(name), content);
  };
  const names = [...NAMES, ...UNICODE_NAMES];
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
  await git('init', '--quiet');
  await put('.gitattributes', '*.txt text=auto eol=crlf\n*.md -text\n');
  await put('.gitignore', 'ignored/\n');
  for (let commit = 0; commit < commits; commit++) {
    const name = names[(commit * 5) % names.length] ?? '';
    const path = commit % 3 === 0 ? name : `d${commit % 3}/${name}`;
    lines[(commit * 7) % 30] = `changed by ${commit}`;
    const end = commit % 4 === 1 ? '\r\n' : '\n';
    await put(path, `${lines.join(end)}${commit % 5 === 2 ? '' : end}`);
    if (commit % 6 === 1) await put('image.bin', Buffer.from([0, 255, commit, ...Buffer.from('\0'.repeat(commit))]));
    if (commit % 6 === 2) await put(`empty/${commit}`, '');
    if (commit % 6 === 3) await chmod(at(path), 0o755);
    if (commit % 6 === 4) {
      await rm(at('link'), { recursive: true, force: true });
      await symlink(commit % 4 === 0 ? 'plain.txt' : '../elsewhere', at('link'));
    }
    if (commit % 12 === 11) {
      await rm(at('link'), { recursive: true, force: true });
      await put('link/now a directory', `${commit}\n`);
    }
    if (commit % 9 === 7) await rm(at('empty'), { recursive: true, force: true });
    await put('ignored/but tracked', `${lines.slice(0, 8).join('\n')}\n`);
    await git('add', '--all');
    await git('add', '--force', '--', 'ignored/but tracked');
    if (commit % 6 === 5) await git('mv', '--', path, `moved ${commit}/${name}`.replace('/', '-'));
    await git('commit', '--quiet', '--no-verify', '-m', `commit ${commit}`);
  }
  return directory;
}
