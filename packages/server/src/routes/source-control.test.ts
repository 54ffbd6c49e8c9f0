import { execFileSync } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
let path: string;
beforeAll(async () => {
  api = await openApi();
  path = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-source-routes-')));
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ulla');
  git('config', 'user.email', 'ulla@example.com');
});
afterAll(async () => {
  await api.close();
  await rm(path, { recursive: true, force: true });
});

const git = (...args: string[]) => execFileSync('git', args, { cwd: path, encoding: 'utf8' }).trim();
const call = (method: string, route: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.call(method, `/api/v1${route}`, { headers, ...(body === undefined ? {} : { body }) });

it('KG-305 to KG-308 over HTTP: a workspace is looked at, committed and pushed', async () => {
  const { id } = (await call('POST', '/workspaces', { path })).json;
  const source = `/workspaces/${id}/source`;
  await writeFile(join(path, 'a.txt'), 'a\n');
  await writeFile(join(path, 'b.txt'), 'b\n');
  expect((await call('GET', `${source}/status`)).json).toMatchObject({ branch: 'main', untracked: ['a.txt', 'b.txt'] });

  const wanted = { title: 'Begin', description: '', changes: ['a.txt'] };
  const unknown = await call('POST', `${source}/commits`, { ...wanted, force: true });
  expect([unknown.status, unknown.json.code]).toEqual([400, 'UNKNOWN_FIELD']);
  const made = await call('POST', `${source}/commits`, wanted);
  expect([made.status, made.json.status, made.json.commitHash]).toEqual([201, 'committed', git('rev-parse', 'HEAD')]);
  expect(git('status', '--porcelain')).toBe('?? b.txt');
  const again = await call('POST', `${source}/commits`, wanted);
  expect([again.status, again.json.code]).toEqual([409, 'SOURCE_NOTHING_TO_COMMIT']);

  expect((await call('GET', `${source}/log?limit=1`)).json.entries).toMatchObject([{ message: 'Begin' }]);
  expect((await call('GET', `${source}/log?limit=0`)).status).toBe(400);
  expect((await call('GET', `${source}/log?offset=1`)).json.entries).toEqual([]);
  expect((await call('GET', `${source}/log?path=b.txt`)).json.entries).toEqual([]);
  expect((await call('GET', `${source}/log?branch=none`)).json.code).toBe('SOURCE_BRANCH_NOT_FOUND');
  expect((await call('GET', `${source}/branches`)).json.branches).toMatchObject([{ name: 'main', isCurrent: true }]);
  expect((await call('GET', '/source/commits?status=committed')).json.items).toEqual([made.json.commit]);
  expect((await call('GET', '/source/commits?status=failed')).json.items).toEqual([]);
  expect((await call('GET', '/source/commits?title=Begin')).json.code).toBe('UNKNOWN_FILTER');
  expect((await call('GET', `/source/commits/${made.json.commit.id}`)).json).toEqual(made.json);
  const nobody = await call('GET', `/source/commits/${id}`);
  expect([nobody.status, nobody.json.code]).toEqual([404, 'SOURCE_COMMIT_NOT_FOUND']);

  expect((await call('POST', `${source}/push`, {})).json.code).toBe('SOURCE_REMOTE_NOT_FOUND');
  git('init', '-q', '--bare', join(path, '.git/origin.git'));
  git('remote', 'add', 'origin', join(path, '.git/origin.git'));
  expect((await call('POST', `${source}/push`, {})).json).toMatchObject({
    pushed: true,
    forced: false,
    branch: 'main',
  });
  expect((await call('POST', `/source/commits/${made.json.commit.id}/publish`, {})).json.code).toBe(
    'SOURCE_PROVIDER_MISSING',
  );
});

it('what leaves the machine is for operators: an agent commits, and is refused to push, to publish and to ask for both', async () => {
  await writeFile(join(path, 'c.txt'), 'c\n');
  const { id: project } = await api.core.projects.get('default');
  const { secret } = await api.core.keys.create(project, { name: 'an agent', role: 'agent' }, 'test');
  const agent = { authorization: `Bearer ${secret}` };
  const [{ id }] = (await call('GET', '/workspaces')).json.items;
  const source = `/workspaces/${id}/source`;
  const wanted = { title: 'Go on', description: '', changes: ['c.txt'] };
  const refused = await call('POST', `${source}/commits`, { ...wanted, createPR: true }, agent);
  expect([refused.status, refused.json.code]).toEqual([403, 'SOURCE_PUBLISH_REFUSED']);
  expect(git('status', '--porcelain', 'c.txt')).toBe('?? c.txt');
  // An operator is asked for a provider, of whom none is set here.
  const operator = await call('POST', `${source}/commits`, { ...wanted, createPR: true });
  expect(operator.json.code).toBe('SOURCE_PROVIDER_MISSING');

  const made = await call('POST', `${source}/commits`, wanted, agent);
  expect([made.status, git('log', '--format=%s', '-1')]).toEqual([201, 'Go on']);
  for (const route of [`${source}/push`, `/source/commits/${made.json.commit.id}/publish`]) {
    const answer = await call('POST', route, {}, agent);
    expect([answer.status, answer.json.code, answer.json.needed]).toEqual([403, 'FORBIDDEN', ['operator', 'admin']]);
  }
});
