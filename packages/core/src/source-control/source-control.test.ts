import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ListQuery } from '../platform/query/index.ts';
import { describeOnBackends, insertTestProject } from '../testing/index.ts';
import { ANN, codeOf, openSourceRoom, type SourceRoom, userGit, write } from './testing/source-room.ts';

const WANTED = { title: 'Round the tax', description: 'Customers compare.' };

describeOnBackends('source control', (backend) => {
  let room: SourceRoom;
  beforeAll(async () => {
    room = await openSourceRoom(backend);
  });
  afterAll(() => room.close());

  const commit = (id: string, changes: string[], more: object = {}) =>
    room.source.commit(room.projectId, id, { ...WANTED, changes, ...more }, ANN);

  test('KG-308: the status tells what is staged, changed and untracked, and how far the branch is from its upstream', async () => {
    const { path, id } = await room.repository({ 'a.txt': 'a\n', 'b c.txt': 'b\n', 'gone.txt': 'g\n' });
    expect(await room.source.status(room.projectId, id)).toMatchObject({
      ...{ branch: 'main', upstream: null, clean: true, ahead: 0, behind: 0, operation: null },
      lastCommit: { author: 'Ulla', title: 'Begin', hash: userGit(path, 'rev-parse', 'HEAD') },
    });
    const remote = join(room.root, 'status.git');
    userGit(room.root, 'init', '-q', '--bare', remote);
    userGit(path, 'remote', 'add', 'origin', remote);
    userGit(path, 'push', '-q', '-u', 'origin', 'main');
    userGit(path, 'commit', '-q', '--allow-empty', '-m', 'Ahead');
    await write(path, { 'a.txt': 'staged\n', 'b c.txt': 'changed\n', 'new/x.txt': 'x\n' });
    userGit(path, 'add', 'a.txt');
    await writeFile(join(path, 'a.txt'), 'staged, then changed\n');
    await rm(join(path, 'gone.txt'));
    expect(await room.source.status(room.projectId, id)).toMatchObject({
      ...{ branch: 'main', upstream: 'origin/main', clean: false, ahead: 1, behind: 0 },
      ...{ staged: ['a.txt'], unstaged: ['a.txt', 'b c.txt', 'gone.txt'], untracked: ['new/'], conflicted: [] },
      lastCommit: { title: 'Ahead' },
    });
    const branches = await room.source.branches(room.projectId, id);
    expect(branches).toMatchObject([
      { name: 'main', isCurrent: true, isRemote: false, upstream: 'origin/main', lastCommit: { title: 'Ahead' } },
      { name: 'origin/main', isCurrent: false, isRemote: true, upstream: null, lastCommit: { title: 'Begin' } },
    ]);
  });

  test('KG-308: of a repository without a commit, of a detached HEAD, of a merge, and of none at all', async () => {
    const empty = await room.repository({});
    expect(await room.source.status(room.projectId, empty.id)).toMatchObject({ branch: 'main', lastCommit: null });
    expect(await room.source.log(room.projectId, empty.id)).toEqual([]);
    expect(await room.source.branches(room.projectId, empty.id)).toEqual([]);

    const { path, id } = await room.repository();
    userGit(path, 'checkout', '-q', '-b', 'other');
    await write(path, { 'a.txt': 'theirs\n' });
    userGit(path, 'commit', '-qam', 'Theirs');
    userGit(path, 'checkout', '-q', 'main');
    await write(path, { 'a.txt': 'ours\n' });
    userGit(path, 'commit', '-qam', 'Ours');
    expect(() => userGit(path, 'merge', 'other')).toThrow();
    expect(await room.source.status(room.projectId, id)).toMatchObject({ operation: 'merge', conflicted: ['a.txt'] });
    expect(await codeOf(commit(id, ['a.txt']))).toBe('SOURCE_OPERATION_UNDER_WAY');
    userGit(path, 'merge', '--abort');
    userGit(path, 'checkout', '-q', '--detach');
    expect((await room.source.status(room.projectId, id)).branch).toBeNull();

    const bare = await room.workspaces.create(room.projectId, { path: room.root }, 'me');
    expect(await codeOf(room.source.status(room.projectId, bare.id))).toBe('SOURCE_NO_REPOSITORY');
  });

  test('KG-308: the log tells each message in full, with what points to it, of a branch or a path', async () => {
    const { path, id } = await room.repository();
    userGit(path, 'tag', 'v1');
    userGit(path, 'checkout', '-q', '-b', 'side');
    await write(path, { 'b.txt': 'b\n' });
    userGit(path, 'add', '.');
    userGit(path, 'commit', '-qm', 'Second\n\nwith a body,\nof two lines');
    userGit(path, 'checkout', '-q', 'main');
    const hash = userGit(path, 'rev-parse', 'main');
    const begin = { hash, author: 'Ulla', email: 'ulla@example.com', message: 'Begin' };
    expect(await room.source.log(room.projectId, id)).toMatchObject([{ ...begin, refs: ['HEAD -> main', 'tag: v1'] }]);
    const side = await room.source.log(room.projectId, id, { branch: 'side' });
    expect(side.map(({ message }) => message)).toEqual(['Second\n\nwith a body,\nof two lines', 'Begin']);
    expect(await room.source.log(room.projectId, id, { branch: 'side', offset: 1 })).toMatchObject([begin]);
    expect(await room.source.log(room.projectId, id, { branch: 'side', limit: 1 })).toHaveLength(1);
    expect(await room.source.log(room.projectId, id, { branch: 'side', path: 'a.txt' })).toMatchObject([begin]);
    expect(await codeOf(room.source.log(room.projectId, id, { branch: 'none' }))).toBe('SOURCE_BRANCH_NOT_FOUND');
    expect(await codeOf(room.source.log(room.projectId, id, { path: '../x' }))).toBe('PATH_OUTSIDE_WORKSPACE');
  });

  test('KG-305: only the named paths are committed; what else is staged, changed or untracked stays as it was', async () => {
    const { path, id } = await room.repository({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'gone.txt': 'g\n', 'd/e.txt': 'e\n' });
    await write(path, { 'a.txt': 'new a\n', 'b.txt': 'new b\n', 'd/f.txt': 'f\n', 'x.txt': 'x\n' });
    userGit(path, 'add', 'b.txt', 'x.txt');
    await rm(join(path, 'gone.txt'));
    const outcome = await commit(id, ['a.txt', 'gone.txt', 'd/']);
    expect(outcome).toMatchObject({
      ...{ branch: 'main', status: 'committed', commitHash: userGit(path, 'rev-parse', 'main') },
      ...{ prUrl: null, escalationRequired: false, providerError: null },
      commit: { changes: ['a.txt', 'd/f.txt', 'gone.txt'], author: 'Ulla <ulla@example.com>', status: 'committed' },
    });
    expect(userGit(path, 'show', '--format=%an|%B', '--name-status', 'HEAD')).toBe(
      'Ulla|Round the tax\n\nCustomers compare.\n\n\nM\ta.txt\nA\td/f.txt\nD\tgone.txt',
    );
    expect(userGit(path, 'status', '--porcelain')).toBe('M  b.txt\nA  x.txt');
    expect(await codeOf(commit(id, ['a.txt']))).toBe('SOURCE_NOTHING_TO_COMMIT');
    const details = {
      workspaceId: id,
      commitHash: outcome.commitHash,
      branch: 'main',
      relatedSpecId: null,
      prUrl: null,
    };
    expect(await room.audited(outcome.commit.id)).toEqual([
      { actor: 'ann', action: 'source_commit.create', details: { ...details, status: 'pending', changes: 3 } },
      {
        actor: 'ann',
        action: 'source_commit.update',
        details: { ...details, status: 'committed', statusBefore: 'pending' },
      },
    ]);
    const { id: commitId } = outcome.commit;
    expect((await room.fed(id)).slice(1)).toEqual([
      { workspaceId: id, change: 'commit', commitId, status: 'pending', version: 1 },
      { workspaceId: id, change: 'commit', commitId, status: 'committed', version: 2 },
    ]);
    expect(await room.source.get(room.projectId, outcome.commit.id)).toEqual(outcome);
    const { items } = await room.source.list(room.projectId, {
      filters: [{ field: 'workspaceId', operator: 'eq', value: id }],
    });
    expect(items).toEqual([outcome.commit]);
  });

  test('commits are listed the latest first, by what is asked for, and to their project alone', async () => {
    const { path, id } = await room.repository();
    await write(path, { 'a.txt': 'new\n', 'b.txt': 'b\n' });
    const { commit: first } = await commit(id, ['a.txt'], { branchName: 'one' });
    const { commit: second } = await commit(id, ['b.txt'], { branchName: 'two', title: 'Then' });
    const here = { field: 'workspaceId', operator: 'eq', value: id } as const;
    const list = async (query: ListQuery = {}, projectId = room.projectId) =>
      (await room.source.list(projectId, { ...query, filters: [here, ...(query.filters ?? [])] })).items;
    expect(await list()).toEqual([second, first]);
    expect(await list({ sortBy: 'createdAt', sortOrder: 'asc' })).toEqual([first, second]);
    expect(await list({ sortBy: 'branch', sortOrder: 'desc' })).toEqual([second, first]);
    for (const [field, value] of Object.entries({ branch: 'one', commitHash: first.commitHash, id: first.id }))
      expect(await list({ filters: [{ field, operator: 'eq', value }] })).toEqual([first]);
    expect(await list({ filters: [{ field: 'status', operator: 'eq', value: 'failed' }] })).toEqual([]);
    const refused = codeOf(list({ filters: [{ field: 'title', operator: 'eq', value: 'Then' }] }));
    expect(await refused).toBe('UNKNOWN_FILTER');
    const other = await insertTestProject(room.database);
    expect(await list({}, other)).toEqual([]);
    expect(await codeOf(room.source.get(other, first.id))).toBe('SOURCE_COMMIT_NOT_FOUND');
    expect(await codeOf(room.source.publish(other, first.id, 'ann'))).toBe('SOURCE_COMMIT_NOT_FOUND');
  });

  test('the database refuses what must not be', async () => {
    const { path, id } = await room.repository();
    await write(path, { 'a.txt': 'new\n' });
    const { commit: made } = await commit(id, ['a.txt']);
    const set = (change: string) =>
      room.database
        .query({ name: '', text: `UPDATE source_commits SET ${change} WHERE id = $1` }, [made.id])
        .catch((error: { constraint?: string }) => error.constraint);
    expect(await set(`commit_hash = 'HEAD'`)).toBe('chk_source_commits_hash');
    expect(await set(`branch = ''`)).toBe('chk_source_commits_branch');
    expect(await set(`title = ''`)).toBe('chk_source_commits_title');
    expect(await set(`changes = '{}'`)).toBe('chk_source_commits_changes');
    expect(await set(`test_results = '{}'`)).toBe('chk_source_commits_tests');
    expect(await set(`labels = '{}'`)).toBe('chk_source_commits_labels');
    expect(await set(`status = 'lost'`)).toBe('chk_source_commits_status');
    expect(await set('retry_attempts = -1')).toBe('chk_source_commits_retries');
    expect(await set(`metadata = '[]'`)).toBe('chk_source_commits_metadata');
    expect(await set('workspace_id = gen_random_uuid()')).toBe('fk_source_commits_workspace');
  });

  test('a new branch is made with its commit and checked out; one that is there is left alone', async () => {
    const { path, id } = await room.repository();
    const main = userGit(path, 'rev-parse', 'main');
    userGit(path, 'branch', 'there');
    await write(path, { 'a.txt': 'new\n', 'b.txt': 'not yet\n' });
    expect(await codeOf(commit(id, ['a.txt'], { branchName: 'there' }))).toBe('SOURCE_BRANCH_EXISTS');
    expect(await commit(id, ['a.txt'], { branchName: 'fix/tax' })).toMatchObject({ branch: 'fix/tax' });
    expect(userGit(path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/fix/tax');
    expect(userGit(path, 'rev-parse', 'main')).toBe(main);
    expect(userGit(path, 'rev-parse', 'fix/tax^')).toBe(main);
    expect(userGit(path, 'status', '--porcelain')).toBe('?? b.txt');

    userGit(path, 'checkout', '-q', '--detach');
    expect(await codeOf(commit(id, ['b.txt']))).toBe('SOURCE_HEAD_DETACHED');
    expect(await commit(id, ['b.txt'], { branchName: 'b' })).toMatchObject({ branch: 'b', status: 'committed' });
    expect(userGit(path, 'log', '--format=%s', 'b')).toBe('Round the tax\nRound the tax\nBegin');
  });

  test('the first commit of a repository, and commits of a workspace that is a part of one', async () => {
    const { path, id } = await room.repository({});
    await write(path, { 'sub/a.txt': 'a\n', 'b.txt': 'b\n' });
    await commit(id, ['b.txt']);
    expect(userGit(path, 'ls-tree', '-r', '--name-only', 'HEAD')).toBe('b.txt');
    expect(userGit(path, 'status', '--porcelain')).toBe('?? sub/');
    const sub = await room.workspaces.create(room.projectId, { path: join(path, 'sub') }, 'me');
    expect(await room.source.status(room.projectId, sub.id)).toMatchObject({ untracked: ['./'] });
    await write(path, { 'b.txt': 'changed\n' });
    const outcome = await commit(sub.id, ['a.txt']);
    expect(outcome.commit.changes).toEqual(['a.txt']);
    expect(await room.source.status(room.projectId, sub.id)).toMatchObject({ clean: true });
    expect(await codeOf(commit(sub.id, ['../b.txt']))).toBe('PATH_OUTSIDE_WORKSPACE');
    expect(await room.source.log(room.projectId, sub.id)).toHaveLength(1);
    expect(userGit(path, 'status', '--porcelain')).toBe(' M b.txt');
  });

  test('hostile names are refused, and no word of them is an option or a pattern', async () => {
    const { path, id } = await room.repository({ 'a.txt': 'a\n' });
    await write(path, {
      'a.txt': 'new\n',
      'b.txt': 'b\n',
      '--all': 'dashes\n',
      '.gitignore': 'ignored\n',
      ignored: 'i\n',
    });
    for (const branchName of ['-x', '--force', 'a..b', 'a b', 'x.lock', '@', 'HEAD', 'a//b', '.x', 'a@{1}', 'x\ny', ''])
      expect(await codeOf(commit(id, ['a.txt'], { branchName }))).toBe('VALIDATION_FAILED');
    for (const outside of ['../x', '/etc/passwd', 'a/../../x', '.git/config', 'sub/.GIT/hooks/x'])
      expect(await codeOf(commit(id, [outside]))).toBe('PATH_OUTSIDE_WORKSPACE');
    for (const refused of ['*.txt', ':(top)a.txt', 'nothing', 'ignored'])
      expect(await codeOf(commit(id, [refused]))).toBe('SOURCE_PATH_REFUSED');
    // Told is what git says, not how it was called.
    await expect(commit(id, ['nothing'])).rejects.toThrow(/: fatal: pathspec 'nothing' did not match any files\.$/);
    expect(await codeOf(commit(id, ['a.txt'], { title: 'two\nlines' }))).toBe('VALIDATION_FAILED');
    expect(await codeOf(commit(id, ['a.txt'], { force: true }))).toBe('UNKNOWN_FIELD');
    expect(userGit(path, 'log', '--format=%s')).toBe('Begin');
    const { commit: made } = await commit(id, ['--all'], { title: '--amend $(touch x) `y`', description: '' });
    expect(made.changes).toEqual(['--all']);
    expect(userGit(path, 'log', '--format=%B', '-1')).toBe('--amend $(touch x) `y`\n');
    expect(userGit(path, 'status', '--porcelain')).toBe(' M a.txt\n?? .gitignore\n?? b.txt');
  });

  test('without an identity, under a lock of the index, and where somebody was faster, nothing is committed', async () => {
    const { path, id } = await room.repository();
    await write(path, { 'a.txt': 'new\n' });
    await writeFile(join(path, '.git/index.lock'), '');
    expect(await codeOf(commit(id, ['a.txt']))).toBe('SOURCE_BUSY');
    expect(existsSync(join(path, '.git/index.lock'))).toBe(true);
    await rm(join(path, '.git/index.lock'));
    expect(
      (
        await room.source.list(room.projectId, {
          filters: [{ field: 'workspaceId', operator: 'eq', value: id }],
        })
      ).items,
    ).toMatchObject([{ status: 'failed' }]);

    const twice = await Promise.all([codeOf(commit(id, ['a.txt'])), codeOf(commit(id, ['a.txt']))]);
    expect(twice).toContain(null);
    expect(twice.filter((code) => code !== null)).toHaveLength(1);
    expect(userGit(path, 'log', '--format=%s')).toBe('Round the tax\nBegin');

    userGit(path, 'config', 'user.name', '');
    await write(path, { 'a.txt': 'newer\n' });
    expect(await codeOf(commit(id, ['a.txt']))).toBe('SOURCE_IDENTITY_MISSING');
    userGit(path, 'config', '--unset', 'user.name');
    vi.stubEnv('HOME', room.root).stubEnv('XDG_CONFIG_HOME', room.root).stubEnv('EMAIL', 'somebody@example.com');
    expect(await codeOf(commit(id, ['a.txt']))).toBe('SOURCE_IDENTITY_MISSING');
    vi.unstubAllEnvs();
    expect(userGit(path, 'log', '--format=%s')).toBe('Round the tax\nBegin');
  });

  test('where HEAD cannot be moved, no branch is left behind', async () => {
    const { path, id } = await room.repository();
    await write(path, { 'a.txt': 'new\n' });
    await writeFile(join(path, '.git/HEAD.lock'), '');
    expect(await codeOf(commit(id, ['a.txt'], { branchName: 'fix/tax' }))).toBe('SOURCE_MOVED');
    await rm(join(path, '.git/HEAD.lock'));
    expect(userGit(path, 'for-each-ref', '--format=%(refname:short)')).toBe('main');
    expect(userGit(path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(userGit(path, 'status', '--porcelain')).toBe(' M a.txt');
    expect(await commit(id, ['a.txt'], { branchName: 'fix/tax' })).toMatchObject({ status: 'committed' });
  });

  test('more files than one commit may change are refused, and none is left out', async () => {
    const { path, id } = await room.repository();
    const blob = userGit(path, 'rev-parse', 'HEAD:a.txt');
    const entries = Array.from({ length: 10_001 }, (_, n) => `100644 ${blob}\tmany/${n}\n`).join('');
    execFileSync('git', ['update-index', '--index-info'], { cwd: path, input: entries });
    userGit(path, 'commit', '-qm', 'Many');
    expect(await codeOf(commit(id, ['many']))).toBe('SOURCE_COMMIT_TOO_LARGE');
    await write(path, { 'many/0': 'a\n' });
    expect((await commit(id, ['many'])).commit.changes).toHaveLength(10_000);
  });

  test('where commits are to be signed, one that cannot be is none', async () => {
    const { path, id } = await room.repository();
    userGit(path, 'config', 'commit.gpgSign', 'true');
    userGit(path, 'config', 'gpg.program', '/bin/false');
    await write(path, { 'a.txt': 'new\n' });
    expect(await codeOf(commit(id, ['a.txt']))).toBe('SOURCE_COMMIT_FAILED');
    expect(userGit(path, 'log', '--format=%s')).toBe('Begin');
    userGit(path, 'config', 'commit.gpgSign', 'false');
    expect(await commit(id, ['a.txt'])).toMatchObject({ status: 'committed' });
  });

  test('hooks of the workspace do not run', async () => {
    const { path, id } = await room.repository();
    await mkdir(join(path, '.git/hooks'), { recursive: true });
    for (const hook of ['pre-commit', 'commit-msg', 'post-commit', 'reference-transaction']) {
      await writeFile(join(path, '.git/hooks', hook), `#!/bin/sh\ntouch ${path}/hooked\nexit 1\n`);
      await chmod(join(path, '.git/hooks', hook), 0o755);
    }
    await write(path, { 'a.txt': 'new\n' });
    expect(await commit(id, ['a.txt'])).toMatchObject({ status: 'committed' });
    expect(existsSync(join(path, 'hooked'))).toBe(false);
  });

  test('KG-309: the commit is tied in the graph to its specification, its tests and what validated it', async () => {
    const { path, id } = await room.repository();
    const created = new Date().toISOString();
    const { specId } = await room.specs.create(
      room.projectId,
      { title: 'Tax is rounded', description: '', goals: [], acceptanceCriteria: ['To the cent.'] },
      'ann',
    );
    const aTest = {
      ...{ id: 'test:tax', type: 'test', path: 'tax.test.ts', hash: 'h', language: '', created, lastModified: created },
      ...{ testType: 'unit', targetSymbol: '', framework: 'vitest', status: 'passing', executionHistory: [] },
      ...{ dependencies: [], tags: [], metadata: { name: 'rounds' } },
    };
    await room.knowledge.ingest(room.projectId, { units: [{ unit: 'u', entities: [aTest] }] }, 'ann');
    await write(path, { 'a.txt': 'new\n' });
    expect(await codeOf(commit(id, ['a.txt'], { relatedSpecId: 'spec:none' }))).toBe('SPEC_NOT_FOUND');
    expect(await codeOf(commit(id, ['a.txt'], { testResults: ['test:none'] }))).toBe('GRAPH_ENTITY_NOT_FOUND');
    expect(userGit(path, 'log', '--format=%s')).toBe('Begin');

    const validationResults = { passed: true, score: 100 };
    const outcome = await commit(id, ['a.txt'], {
      relatedSpecId: specId,
      testResults: ['test:tax'],
      validationResults,
    });
    expect(outcome.relatedArtifacts).toEqual({
      spec: { id: specId, title: 'Tax is rounded', status: 'draft' },
      tests: [{ id: 'test:tax', name: 'rounds', path: 'tax.test.ts' }],
      validation: validationResults,
    });
    const change = `change:${outcome.commitHash}`;
    expect((await room.specs.get(room.projectId, specId)).commits).toEqual([outcome.commitHash]);
    const { queries } = room.knowledge;
    expect((await queries.relationships(room.projectId, { fromEntityId: change })).relationships).toMatchObject([
      { type: 'IMPLEMENTS_SPEC', toEntityId: specId, metadata: { validation: validationResults } },
    ]);
    expect((await queries.relationships(room.projectId, { toEntityId: change })).relationships).toMatchObject([
      { type: 'VALIDATES', fromEntityId: 'test:tax' },
    ]);
    expect((await room.knowledge.entity(room.projectId, change)).entity).toMatchObject({
      ...{ type: 'change', commitHash: outcome.commitHash, specId },
      newState: { subject: 'Round the tax', validation: validationResults },
    });

    // Words may be the id of what validated it.
    await write(path, { 'a.txt': 'newer\n' });
    const named = await commit(id, ['a.txt'], { validationResults: 'test:tax' });
    const validated = await queries.relationships(room.projectId, { toEntityId: `change:${named.commitHash}` });
    expect(validated.relationships).toMatchObject([{ type: 'VALIDATES', fromEntityId: 'test:tax' }]);
    await write(path, { 'a.txt': 'newest\n' });
    const words = await commit(id, ['a.txt'], { validationResults: 'It held.' });
    const none = await queries.relationships(room.projectId, { toEntityId: `change:${words.commitHash}` });
    expect(none.relationships).toEqual([]);
  });
});
