import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../platform/clock/clock.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends } from '../testing/index.ts';
import { insertCommit } from './commit-store.ts';
import { githubProvider } from './provider/github-provider.ts';
import type { SourceControl } from './source-control.ts';
import { ANN, codeOf, openSourceRoom, type SourceRoom, userGit, write } from './testing/source-room.ts';

const WANTED = { title: 'Round the tax', description: 'Customers compare.', changes: ['a.txt'] };
const TOKEN = 'token-of-the-test';

interface Request {
  call: string;
  token: string | undefined;
  body: unknown;
}

describeOnBackends('pushes and pull requests', (backend) => {
  let room: SourceRoom;
  let source: SourceControl;
  let github: Server;
  let host: string;
  let requests: Request[] = [];
  /** What the next requests are answered in place of what they ask for. */
  let failures: number[] = [];
  let open: object[] = [];

  beforeAll(async () => {
    github = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      const { method, url = '', headers } = request;
      const call = `${method} ${url}`;
      requests.push({ call, token: headers.authorization, body: text === '' ? null : JSON.parse(text) });
      const answer = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      const failure = failures.shift();
      if (failure !== undefined) return answer(failure, { message: 'Not today' });
      const pull = { html_url: `http://${host}/acme/tax/pull/7`, number: 7 };
      if (call.startsWith('GET /repos/acme/tax/pulls?')) return answer(200, open);
      if (call === 'GET /repos/acme/tax') return answer(200, { default_branch: 'main' });
      if (call === 'POST /repos/acme/tax/pulls') {
        open = [pull];
        return answer(201, pull);
      }
      return answer(call === 'POST /repos/acme/tax/issues/7/labels' ? 200 : 404, {});
    });
    await new Promise<void>((resolve) => github.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(github.address() as AddressInfo).port}`;
    const provider = githubProvider({ baseUrl: `http://${host}`, token: TOKEN, clock: systemClock, fetch });
    room = await openSourceRoom(backend, { provider, retryDelayMs: 1 });
    ({ source } = room);
  });
  afterAll(async () => {
    await room.close();
    github.closeAllConnections();
    await new Promise((resolve) => github.close(resolve));
  });
  beforeEach(() => {
    requests = [];
    failures = [];
    open = [];
  });

  /** A repository with a bare remote, which is known as one of the provider's. */
  async function repository() {
    const { path, id } = await room.repository();
    const bare = `${path}-origin.git`;
    userGit(room.root, 'init', '-q', '--bare', '-b', 'main', bare);
    userGit(path, 'remote', 'add', 'origin', `http://ulla:hunter2@${host}/acme/tax.git`);
    userGit(path, 'config', 'remote.origin.pushurl', bare);
    await write(path, { 'a.txt': 'new\n' });
    return { path, id, bare };
  }

  test('KG-308: a push tells what came of it, and once more that there was nothing to push', async () => {
    const { path, id, bare } = await repository();
    const head = userGit(path, 'rev-parse', 'HEAD');
    const first = await source.push(room.projectId, id, {}, 'ann');
    expect(first).toMatchObject({
      ...{ remote: 'origin', branch: 'main', forced: false, pushed: true, commitHash: head, provider: 'github' },
      url: `http://${host}/acme/tax.git`,
    });
    expect(userGit(bare, 'rev-parse', 'main')).toBe(head);
    expect(userGit(path, 'config', 'branch.main.remote')).toBe('origin');
    expect(await source.push(room.projectId, id, {}, 'ann')).toMatchObject({ pushed: false, forced: false });
    const pushed = { actor: 'ann', action: 'workspace.push' };
    const details = { remote: 'origin', branch: 'main', commitHash: head, force: false, forced: false };
    expect(await room.audited(id)).toMatchObject([
      { action: 'workspace.create' },
      { ...pushed, details: { ...details, pushed: true } },
      { ...pushed, details: { ...details, pushed: false } },
    ]);
    // To where the branch does not lie, nobody opens pull requests.
    userGit(path, 'remote', 'set-url', 'origin', 'https://elsewhere.example/acme/tax.git');
    expect(await source.push(room.projectId, id, {}, 'ann')).toMatchObject({ provider: null });
    expect(requests).toEqual([]);
  });

  test('KG-309: a branch that the remote is ahead of is refused and not forced, unless that is asked for', async () => {
    const { path, id, bare } = await repository();
    await source.push(room.projectId, id, {}, 'ann');
    const other = `${path}-other`;
    userGit(room.root, 'clone', '-q', bare, other);
    userGit(
      other,
      '-c',
      'user.name=o',
      '-c',
      'user.email=o@example.com',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'Theirs',
    );
    userGit(other, 'push', '-q');
    const theirs = userGit(bare, 'rev-parse', 'main');
    await source.commit(room.projectId, id, WANTED, ANN);
    expect(await codeOf(source.push(room.projectId, id, {}, 'ann'))).toBe('SOURCE_PUSH_REJECTED');
    // Forced only over what was fetched: what nobody has seen is not given up.
    expect(await codeOf(source.push(room.projectId, id, { force: true }, 'ann'))).toBe('SOURCE_PUSH_REJECTED');
    expect(userGit(bare, 'rev-parse', 'main')).toBe(theirs);
    userGit(path, 'fetch', '-q', bare, '+main:refs/remotes/origin/main');
    expect(await source.push(room.projectId, id, { force: true }, 'ann')).toMatchObject({ forced: true, pushed: true });
    expect(userGit(bare, 'rev-parse', 'main')).toBe(userGit(path, 'rev-parse', 'main'));
  });

  test('remotes that there are not, and names that would be options, are refused', async () => {
    const { path, id } = await repository();
    const push = (input: object) => codeOf(source.push(room.projectId, id, input, 'ann'));
    expect(await push({ remote: 'nowhere' })).toBe('SOURCE_REMOTE_NOT_FOUND');
    expect(await push({ remote: '--receive-pack=touch x' })).toBe('VALIDATION_FAILED');
    expect(await push({ remote: 'ext::sh -c x' })).toBe('VALIDATION_FAILED');
    expect(await push({ branch: '--force' })).toBe('VALIDATION_FAILED');
    expect(await push({ branch: 'none' })).toBe('SOURCE_BRANCH_NOT_FOUND');
    userGit(path, 'remote', 'set-url', '--push', 'origin', join(room.root, 'gone.git'));
    expect(await push({})).toBe('SOURCE_PUSH_FAILED');
    userGit(path, 'checkout', '-q', '--detach');
    expect(await push({})).toBe('SOURCE_HEAD_DETACHED');
  });

  test('KG-306: a pull request is opened with its labels, also where the provider answers only when asked again', async () => {
    const { id, bare } = await repository();
    failures = [502];
    const wanted = { ...WANTED, branchName: 'fix/tax', createPR: true, labels: ['billing'] };
    const outcome = await source.commit(room.projectId, id, wanted, ANN);
    expect(outcome).toMatchObject({
      ...{ status: 'committed', prUrl: `http://${host}/acme/tax/pull/7`, provider: 'github', retryAttempts: 1 },
      ...{ escalationRequired: false, providerError: null, commit: { status: 'pushed' } },
    });
    expect(userGit(bare, 'rev-parse', 'fix/tax')).toBe(outcome.commitHash);
    const pulls = 'GET /repos/acme/tax/pulls?state=open&head=acme%3Afix%2Ftax';
    const posted = 'POST /repos/acme/tax/pulls';
    expect(requests.map(({ call }) => call)).toEqual([
      ...[pulls, pulls, 'GET /repos/acme/tax', posted, 'POST /repos/acme/tax/issues/7/labels'],
    ]);
    expect(new Set(requests.map(({ token }) => token))).toEqual(new Set([`Bearer ${TOKEN}`]));
    expect(requests.find(({ call }) => call === posted)?.body).toEqual({
      ...{ title: 'Round the tax', body: 'Customers compare.', head: 'fix/tax', base: 'main' },
    });
    expect(requests.at(-1)?.body).toEqual({ labels: ['billing'] });
    requests = [];
    expect(await source.publish(room.projectId, outcome.commit.id, 'ann')).toEqual(outcome);
    expect(requests).toEqual([]);
  });

  test('KG-309: a provider that fails three times leaves the commit, pending and escalated, to be published later', async () => {
    const { path, id, bare } = await repository();
    failures = [500, 503, 429];
    const wanted = { ...WANTED, branchName: 'fix/tax', createPR: true };
    const outcome = await source.commit(room.projectId, id, wanted, ANN);
    expect(outcome).toMatchObject({
      ...{ status: 'pending', prUrl: null, provider: 'github', retryAttempts: 2, escalationRequired: true },
      providerError: { code: '429', message: 'it answered 429 (Not today)' },
      escalationMessage: `Commit ${outcome.commitHash.slice(0, 12)} is in branch fix/tax, and there is no pull request for it: it answered 429 (Not today). Mend that, then run \`signalbox source publish ${outcome.commit.id}\`.`,
    });
    expect(requests).toHaveLength(3);
    expect(userGit(path, 'rev-parse', 'fix/tax')).toBe(outcome.commitHash);
    expect(userGit(bare, 'rev-parse', 'fix/tax')).toBe(outcome.commitHash);
    expect(await source.get(room.projectId, outcome.commit.id)).toEqual(outcome);

    // Of an attempt whose answer was lost the pull request is there already, and no second one is opened.
    open = [{ html_url: `http://${host}/acme/tax/pull/6`, number: 6 }];
    expect(await source.publish(room.projectId, outcome.commit.id, 'ann')).toMatchObject({
      ...{
        status: 'committed',
        prUrl: `http://${host}/acme/tax/pull/6`,
        escalationRequired: false,
        providerError: null,
      },
    });
    expect(requests).toHaveLength(4);
  });

  test('who may not publish is refused before anything is committed, and an operator publishes what they commit', async () => {
    const { path, id, bare } = await repository();
    const agent = { actor: 'agent', mayPublish: false };
    const refused = source.commit(room.projectId, id, { ...WANTED, createPR: true }, agent);
    expect(await codeOf(refused)).toBe('SOURCE_PUBLISH_REFUSED');
    expect(userGit(path, 'log', '--format=%s')).toBe('Begin');
    const { commit } = await source.commit(room.projectId, id, WANTED, agent);
    expect(requests).toEqual([]);
    expect(userGit(bare, 'for-each-ref')).toBe('');
    const published = await source.publish(room.projectId, commit.id, 'ann');
    expect(published.prUrl).toBe(`http://${host}/acme/tax/pull/7`);
    expect(userGit(bare, 'rev-parse', 'main')).toBe(commit.commitHash);
  });

  test('a commit of which the graph was not told, since that broke off, is told of when it is published', async () => {
    const { path, id } = await repository();
    userGit(path, 'commit', '-qam', 'Round the tax');
    const commitHash = userGit(path, 'rev-parse', 'main');
    const { commit } = await source.commit(room.projectId, (await repository()).id, WANTED, ANN);
    const broken = { ...commit, id: systemIds.uuid(), workspaceId: id, commitHash };
    await room.database.transaction((tx) => insertCommit(tx, room.projectId, broken));
    expect(await source.publish(room.projectId, broken.id, 'ann')).toMatchObject({ status: 'committed' });
    const { entity } = await room.knowledge.entity(room.projectId, `change:${commitHash}`);
    expect(entity).toMatchObject({ commitHash, newState: { subject: 'Round the tax' } });
  });

  test('of two who publish one commit at once, the one who is late is told', async () => {
    const { id } = await repository();
    const { commit } = await source.commit(room.projectId, id, WANTED, ANN);
    let meanwhile: Promise<unknown> = Promise.resolve();
    github.once('request', () => {
      meanwhile = source.publish(room.projectId, commit.id, 'bob');
    });
    const late = await codeOf(source.publish(room.projectId, commit.id, 'ann'));
    const first = await codeOf(meanwhile);
    expect([late, first].sort()).toEqual(['OPTIMISTIC_LOCK', null]);
    expect((await source.get(room.projectId, commit.id)).prUrl).not.toBeNull();
  });

  test('what is refused is not asked again; a push that is refused is escalated, and nothing asked of the provider', async () => {
    const refused = await repository();
    failures = [401];
    const wanted = { ...WANTED, branchName: 'fix/tax', createPR: true };
    expect(await source.commit(room.projectId, refused.id, wanted, ANN)).toMatchObject({
      ...{ status: 'pending', retryAttempts: 0, providerError: { code: '401' } },
    });
    expect(requests).toHaveLength(1);

    requests = [];
    const { path, id } = await repository();
    userGit(path, 'remote', 'set-url', '--push', 'origin', join(room.root, 'gone.git'));
    const outcome = await source.commit(room.projectId, id, wanted, ANN);
    expect(outcome).toMatchObject({ status: 'pending', providerError: { code: 'SOURCE_PUSH_FAILED' } });
    expect(userGit(path, 'rev-parse', 'fix/tax')).toBe(outcome.commitHash);
    expect(requests).toEqual([]);
    userGit(path, 'checkout', '-q', 'main');
    userGit(path, 'branch', '-q', '-f', 'fix/tax', 'main');
    expect(await codeOf(source.publish(room.projectId, outcome.commit.id, 'ann'))).toBe('SOURCE_COMMIT_GONE');
    userGit(path, 'branch', '-q', '-D', 'fix/tax');
    expect(await codeOf(source.publish(room.projectId, outcome.commit.id, 'ann'))).toBe('SOURCE_COMMIT_GONE');
  });

  test('where nobody opens pull requests for a remote, that is said before anything is committed', async () => {
    const { path, id } = await repository();
    userGit(path, 'remote', 'set-url', 'origin', 'https://elsewhere.example/acme/tax.git');
    const wanted = { ...WANTED, createPR: true };
    expect(await codeOf(source.commit(room.projectId, id, wanted, ANN))).toBe('SOURCE_PROVIDER_MISSING');
    expect(userGit(path, 'log', '--format=%s')).toBe('Begin');
    expect(requests).toEqual([]);
  });
});
