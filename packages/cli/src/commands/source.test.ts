import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ServedCli, serveCli, temporaryFolder } from '../testing/index.ts';

let server: ServedCli;
let github: Server;
let host = '';
let labels: unknown = null;
let work = '';

beforeAll(async () => {
  github = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { method, url } = request;
    if (url?.startsWith('/repos/acme/shut/')) return response.writeHead(403).end('{"message":"Not yours"}');
    const pull = { html_url: `http://${host}/acme/tax/pull/7`, number: 7 };
    if (url?.endsWith('/labels')) ({ labels } = JSON.parse(text));
    const made = url?.endsWith('/labels') ? [] : pull;
    const found = url?.includes('/pulls') ? [] : { default_branch: 'main' };
    return response.end(JSON.stringify(method === 'POST' ? made : found));
  });
  await new Promise<void>((resolve) => github.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(github.address() as AddressInfo).port}`;
  const env = {
    SIGNALBOX_SOURCE_CONTROL_GITHUB_URL: `http://${host}`,
    SIGNALBOX_SOURCE_CONTROL_GITHUB_TOKEN: 'token-of-the-test',
  };
  server = await serveCli({ env });
  work = temporaryFolder('signalbox-source-');
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ulla');
  git('config', 'user.email', 'ulla@example.com');
}, 300_000);
afterAll(async () => {
  await server?.stop();
  github?.closeAllConnections();
  github?.close();
});

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
  expect((await cli('log', '--limit', '1')).stdout).not.toContain('Begin');
  expect((await cli('log', '--path', 'a.txt')).stdout).not.toContain('More');
  expect((await cli('log', '--branch', 'main')).stdout).not.toContain('More');
  expect((await cli('branches')).stdout).toMatch(/\* +more/);
  expect(JSON.parse((await cli('commits', '--json')).stdout).items).toHaveLength(2);
  expect((await cli('commits')).stdout).toMatch(/committed +[0-9a-f]{12} +more +More\n.* main +Begin\n/);

  expect((await cli('push')).stderr).toContain('no remote "origin"');
  git('init', '-q', '--bare', join(work, '.git/origin.git'));
  git('remote', 'add', 'origin', join(work, '.git/origin.git'));
  expect((await cli('push')).stdout).toMatch(/^Pushed more to origin/);
  expect((await cli('push')).stdout).toContain('had all of more already');
  expect(git('--git-dir=.git/origin.git', 'rev-parse', 'more')).toBe(git('rev-parse', 'HEAD'));
});

it('signalbox source tells of pull requests, and of what stands in their way; publish tries again', {
  timeout: 240_000,
}, async () => {
  git('remote', 'remove', 'origin');
  git('remote', 'add', 'origin', `http://${host}/acme/shut.git`);
  git('config', 'remote.origin.pushurl', join(work, '.git/origin.git'));
  writeFileSync(join(work, 'a.txt'), 'new\n');
  const wanted = ['--pr', '--label', 'billing', '--label', 'tax', '--validation', 'It held.', '--json'];
  const pending = await cli('commit', 'a.txt', '--title', 'Round', '--branch', 'round', ...wanted);
  expect(pending.code).toBe(1);
  const { commit, status } = JSON.parse(pending.stdout);
  expect([status, commit.labels, commit.validationResults]).toEqual(['pending', ['billing', 'tax'], 'It held.']);
  const again = await cli('publish', commit.id);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('it answered 403 (Not yours)')]);
  git('remote', 'set-url', 'origin', `http://${host}/acme/tax.git`);
  const published = await cli('publish', commit.id);
  expect([published.code, published.stdout]).toEqual([
    0,
    `Committed 1 file to round as ${commit.commitHash.slice(0, 12)}.\nPull request: http://${host}/acme/tax/pull/7\n`,
  ]);
  expect(labels).toEqual(['billing', 'tax']);
  expect(git('--git-dir=.git/origin.git', 'rev-parse', 'round')).toBe(commit.commitHash);
});

it('signalbox source tells how far a branch is from what it follows, and pushes by force only where that is said', {
  timeout: 240_000,
}, async () => {
  git('commit', '-q', '--amend', '-m', 'Round anew');
  expect((await cli('status')).stdout).toContain('On round, 1 ahead of origin/round and 1 behind.');
  expect((await cli('push')).stderr).toContain('did not take round');
  expect((await cli('push', '--remote', 'nowhere')).stderr).toContain('no remote "nowhere"');
  expect((await cli('push', 'round', '--force')).stdout).toMatch(/^Pushed round to origin/);
  expect(git('--git-dir=.git/origin.git', 'rev-parse', 'round')).toBe(git('rev-parse', 'HEAD'));
  writeFileSync(join(work, '.git/MERGE_HEAD'), `${git('rev-parse', 'HEAD')}\n`);
  expect((await cli('status')).stderr).toContain('A merge is under way.');
  for (const option of ['--spec', '--test']) {
    const none = await cli('commit', 'a.txt', '--title', 'Round', option, 'spec:none');
    expect(none.stderr).toContain('spec:none');
  }
});
