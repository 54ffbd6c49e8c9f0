import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@signalbox/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedCli, serveCli, temporaryFolder } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

let server: ServedCli;
let work = '';

beforeAll(async () => {
  server = await serveCli({ env: { SIGNALBOX_CAPTURES_MAX_FILE_MEGABYTES: '0.001' } });
  work = temporaryFolder('signalbox-worktrees-');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: work });
  git('init', '-q', '-b', 'main');
  writeFileSync(join(work, 'a.txt'), 'one\n');
  git('add', '.');
  git('-c', 'user.name=u', '-c', 'user.email=u@example.com', 'commit', '-qm', 'Begin');
}, START_MS);
afterAll(() => server?.stop());

const cli = (...args: string[]) => server.cli(args, { cwd: work });

describe('signalbox worktrees', () => {
  it('merges what a session did apart, and doctor names what is left over, with the command', {
    timeout: 240_000,
  }, async () => {
    const script = 'echo two >> a.txt; head -c 3000 /dev/zero > large.bin';
    expect((await cli('run', '--isolation', 'worktree', '--', 'sh', '-c', script)).code).toBe(0);
    expect(readFileSync(join(work, 'a.txt'), 'utf8')).toBe('one\n');
    const preview = await cli('worktrees', 'preview', 'last', '--diff');
    expect(preview.stdout).toMatch(/modified +1 +0 +a\.txt/);
    expect(preview.stdout).toContain('+two\n');
    expect(preview.stderr).toMatch(/signalbox\/\S+ into main: 0 commits, and what is not committed/);
    const listed = JSON.parse((await cli('worktrees', 'list', '--json')).stdout);
    const [tree] = listed.items;
    // The setting of the server holds for captures, and for nothing else.
    const captures = await createClient({ baseUrl: server.url }).changes.captures(tree.treeWorkspaceId);
    expect(captures.items[0]?.unreadable).toEqual(['large.bin']);

    const stray = join(server.dataDir, 'captures', `${randomUUID()}.git`);
    mkdirSync(stray);
    const doctor = await cli('doctor', '--data-dir', server.dataDir);
    expect(doctor.stdout).toContain(`${tree.path} (${tree.branch})`);
    expect(doctor.stdout).toContain(
      `signalbox worktrees merge ${tree.id}, or signalbox worktrees discard ${tree.id} --yes`,
    );
    expect(doctor.stdout).toContain(`rm -r '${stray}'`);

    expect((await cli('worktrees', 'merge', 'last')).stdout).toMatch(/^Merged signalbox\/\S+ as [0-9a-f]{12}/);
    expect(readFileSync(join(work, 'a.txt'), 'utf8')).toBe('one\ntwo\n');
    expect([existsSync(tree.path), existsSync(join(work, 'large.bin'))]).toEqual([false, true]);
    expect((await cli('worktrees', 'discard', 'last', '--yes')).code).toBe(4);

    await cli('run', '--isolation', 'worktree', '--', 'sh', '-c', 'echo other > other.txt');
    const unasked = await cli('worktrees', 'discard', 'last');
    expect([unasked.code, unasked.stderr]).toEqual([
      2,
      expect.stringMatching(/with all that is in them\? Say so with --yes/),
    ]);
    expect((await cli('worktrees', 'discard', 'last', '--yes')).stdout).toMatch(/^Discarded signalbox\//);
    expect(existsSync(join(work, 'other.txt'))).toBe(false);
    expect((await cli('worktrees', 'preview', 'last')).code).toBe(4);
  });
});
