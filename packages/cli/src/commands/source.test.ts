import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ServedCli, serveCli, temporaryFolder } from '../testing/index.ts';

let server: ServedCli;
let work = '';

beforeAll(async () => {
  server = await serveCli();
  work = temporaryFolder('signalbox-source-');
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ulla');
  git('config', 'user.email', 'ulla@example.com');
}, 300_000);
afterAll(() => server?.stop());

const git = (...args: string[]) => execFileSync('git', args, { cwd: work, encoding: 'utf8' }).trim();
const cli = (...args: string[]) => server.cli(['source', ...args], { cwd: work });

it('signalbox source shows where a work tree stands, commits named paths, lists commits, and pushes', {
  timeout: 240_000,
}, async () => {
  writeFileSync(join(work, 'a.txt'), 'a\n');
  writeFileSync(join(work, 'b.txt'), 'b\n');
  const before = await cli('status');
  expect(before.stdout).toMatch(/^On main\./);
  expect(before.stdout).toMatch(/untracked +b\.txt/);
  expect((await cli('log')).stdout + (await cli('branches')).stderr).not.toContain('Begin');

  const made = await cli('commit', 'a.txt', '--title', 'Begin', '--description', 'With a');
  expect([made.code, made.stdout]).toEqual([
    0,
    `Committed 1 file to main as ${git('rev-parse', 'HEAD').slice(0, 12)}.\n`,
  ]);
  expect(git('log', '--format=%B', '--name-only')).toBe('Begin\n\nWith a\n\n\na.txt');
  const branched = await cli('commit', 'b.txt', '--title', 'More', '--branch', 'more', '--json');
  expect(JSON.parse(branched.stdout)).toMatchObject({
    branch: 'more',
    status: 'committed',
    commit: { changes: ['b.txt'] },
  });
  expect((await cli('commit', 'b.txt', '--title', 'Again')).stderr).toContain('Nothing has changed');
  expect((await cli('commit', 'b.txt', '--title', 'Wanted', '--pr')).code).not.toBe(0);

  expect((await cli('log')).stdout).toMatch(/More[\s\S]*Begin/);
  expect((await cli('log', '--branch', 'main')).stdout).not.toContain('More');
  expect((await cli('branches')).stdout).toMatch(/\* +more/);
  expect(JSON.parse((await cli('commits', '--json')).stdout).items).toHaveLength(2);

  expect((await cli('push')).stderr).toContain('no remote "origin"');
  git('init', '-q', '--bare', join(work, '.git/origin.git'));
  git('remote', 'add', 'origin', join(work, '.git/origin.git'));
  expect((await cli('push')).stdout).toMatch(/^Pushed more to origin/);
  expect((await cli('push')).stdout).toContain('had all of more already');
  expect(git('--git-dir=.git/origin.git', 'rev-parse', 'more')).toBe(git('rev-parse', 'HEAD'));
});
