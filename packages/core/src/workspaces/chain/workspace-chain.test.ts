import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, insertTestSession, type TestDatabase } from '../../testing/index.ts';
import { blobId } from '../capture/index.ts';
import { Captures } from '../captures.ts';
import { Workspaces } from '../workspaces.ts';
import type { WorkspaceChain } from './workspace-chain.ts';
import type { WorkspaceChange } from './workspace-change.ts';
import { WorkspaceChanges } from './workspace-changes.ts';

/** Many programs are started one after the other. */
const PATIENCE_MS = 120_000;

describeOnBackends('the chain of captures', (backend) => {
  let opened: TestDatabase;
  let project: string;
  let root: string;
  let work: string;
  let workspace: { id: string; projectId: string; path: string };
  let captures: Captures;
  let chain: WorkspaceChain;
  let changes: WorkspaceChanges;
  let a: string;
  let b: string;

  beforeAll(async () => {
    opened = await backend.open();
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    project = await insertTestProject(opened.database);
    [a, b] = [await insertTestSession(opened.database, project), await insertTestSession(opened.database, project)];
    root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-chain-')));
    work = join(root, 'work');
    await mkdir(work);
    workspace = { id: systemIds.uuid(), projectId: project, path: work };
    const text = `INSERT INTO workspaces (id, project_id, name, path) VALUES ($1, $2, 'w', $3)`;
    await sql(text, workspace.id, project, work);
    captures = node();
    chain = captures.chain(workspace);
    changes = new WorkspaceChanges({ ...parts(), workspaces: new Workspaces(parts()), captures });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const sql = (text: string, ...values: unknown[]) => opened.database.query({ name: '', text }, values);
  const parts = () => ({ database: opened.database, clock: systemClock, ids: systemIds });
  /** As each process has them. */
  const node = () => new Captures({ ...parts(), directory: join(root, 'captures') });
  const another = () => node().chain(workspace);
  const put = (path: string, text: string) => writeFile(join(work, path), text);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=u', '-c', 'user.email=u@example.com', ...args], {
      cwd: work,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  const shell = (sessionId: string, callId = 'shell') => ({
    sessionId,
    callId,
    tool: 'bash',
    actor: 'opencode',
    attempt: 1,
  });
  const opens = (sessionId: string, callId?: string) => chain.openWindow(shell(sessionId, callId), null);
  const closes = (sessionId: string, callId = 'shell') => chain.closeWindow(sessionId, callId);
  const whose = async () =>
    (await changes.list(project, { pageSize: 100 })).items
      .map(({ path, attribution, sessionId }: WorkspaceChange) => [path, attribution, sessionId])
      .sort();

  test('what nobody changed adds nothing; boundaries leave a capture behind', async () => {
    await put('a.txt', 'one\n');
    const begun = await chain.step('session_start', a);
    expect(begun).toMatchObject({
      capture: { position: 1, files: 1, bytes: 4, reason: 'session_start', sessionId: a },
      changes: [],
    });
    expect((await chain.step('look')).capture).toEqual(begun.capture);
    expect((await opens(a)).capture.position).toBe(1);
    expect((await closes(a)).capture.position).toBe(1);
    expect((await chain.step('checkpoint', a)).capture).toMatchObject({ position: 2, treeId: begun.capture.treeId });
    await put('a.txt', 'two\n');
    const { capture, changes: found } = await chain.step('look');
    expect(capture.position).toBe(3);
    expect(found).toMatchObject([
      { path: 'a.txt', operation: 'modified', position: 3, additions: 1, deletions: 1, beforeMode: '100644' },
    ]);
    expect(found[0]).toMatchObject({ beforeTree: begun.capture.treeId, afterTree: capture.treeId });
    expect((await changes.list(project)).items).toEqual(found);
    expect(await chain.latest()).toEqual(capture);
  });

  test('overlapping shell calls of two sessions that touch one file are ambiguous; a person’s edit in between is external', async () => {
    await put('shared.txt', 'start\n');
    await chain.step('session_start', a);
    await opens(a);
    await put('by-a.txt', 'a\n');
    await opens(b);
    await put('shared.txt', 'somebody\n');
    await closes(a);
    await put('by-b.txt', 'b\n');
    await closes(b);
    await put('shared.txt', 'a person\n');
    await opens(a, 'later');
    await put('later.txt', 'a\n');
    await closes(a, 'later');
    expect(await whose()).toEqual([
      ['by-a.txt', 'window', a],
      ['by-b.txt', 'window', b],
      ['later.txt', 'window', a],
      ['shared.txt', 'ambiguous', null],
      ['shared.txt', 'external', null],
    ]);
    const [unclear] = (
      await changes.list(project, { filters: [{ field: 'attribution', operator: 'eq', value: 'ambiguous' }] })
    ).items;
    expect(unclear?.candidates.toSorted((x, y) => (x.sessionId < y.sessionId ? -1 : 1))).toEqual(
      [a, b].sort().map((sessionId) => ({ sessionId, callId: 'shell', tool: 'bash' })),
    );
    expect(await changes.concerning(project, workspace.id, b, 0)).toMatchObject([
      { path: 'shared.txt' },
      { path: 'by-b.txt' },
    ]);
  });

  test('a call that names the path and comes out as it said has made it, whoever else may have', async () => {
    await chain.step('session_start', a);
    await opens(b);
    const writes = { ...shell(a, 'write'), tool: 'write' };
    await chain.openWindow(writes, [{ path: 'named.txt', oid: blobId(Buffer.from('as said\n')), deleted: false }]);
    await put('named.txt', 'as said\n');
    await put('unnamed.txt', 'the shell’s\n');
    await closes(a, 'write');
    await chain.openWindow({ ...writes, callId: 'again' }, [
      { path: 'named.txt', oid: blobId(Buffer.from('x')), deleted: false },
    ]);
    await put('named.txt', 'not as said\n');
    await closes(a, 'again');
    expect(await whose()).toEqual([
      ['named.txt', 'ambiguous', null],
      ['named.txt', 'tool_call', a],
      ['unnamed.txt', 'window', b],
    ]);
    const [made] = (
      await changes.list(project, { filters: [{ field: 'attribution', operator: 'eq', value: 'tool_call' }] })
    ).items;
    expect(made).toMatchObject({ callId: 'write', tool: 'write', actor: 'opencode', attempt: 1 });
  });

  test('several calls of one session leave no doubt about the session', async () => {
    await chain.step('session_start', a);
    await opens(a, 'one');
    await opens(a, 'two');
    await put('f.txt', 'x\n');
    await closes(a, 'one');
    await closes(a, 'two');
    expect((await changes.list(project)).items).toMatchObject([{ attribution: 'window', sessionId: a, callId: null }]);
  });

  test('commit, checkout, stash and pull by an agent are vcs, and an edit beside them is not', {
    timeout: PATIENCE_MS,
  }, async () => {
    git('init', '-q', '-b', 'main');
    await put('one.txt', 'one\n');
    await put('two.txt', 'two\n');
    git('add', '.');
    git('commit', '-qm', 'first');
    git('clone', '-q', '.', join(root, 'origin'));
    git('remote', 'add', 'origin', join(root, 'origin'));
    await chain.step('session_start', a);

    await opens(a, 'commit');
    await put('one.txt', 'one, committed\n');
    await put('beside.txt', 'not committed\n');
    git('commit', '-qam', 'second');
    await closes(a, 'commit');
    expect(await whose()).toEqual([
      ['beside.txt', 'window', a],
      ['one.txt', 'vcs', a],
    ]);

    await opens(a, 'checkout');
    git('checkout', '-q', '-b', 'other', 'HEAD~1');
    await closes(a, 'checkout');
    await opens(a, 'pull');
    execFileSync(
      'sh',
      [
        '-c',
        'echo pulled > pulled.txt; rm two.txt; git add -A; git -c user.name=u -c user.email=u@example.com commit -qm third',
      ],
      { cwd: join(root, 'origin') },
    );
    git('pull', '-q', '--ff-only', 'origin', 'main');
    await closes(a, 'pull');
    await put('one.txt', 'a person’s\n');
    await opens(a, 'stash');
    git('stash');
    await closes(a, 'stash');
    await opens(a, 'pop');
    git('stash', 'pop');
    await closes(a, 'pop');
    expect(await whose()).toEqual([
      ['beside.txt', 'window', a],
      ['one.txt', 'external', null],
      ['one.txt', 'vcs', a],
      ['one.txt', 'vcs', a],
      ['one.txt', 'vcs', a],
      ['one.txt', 'vcs', a],
      ['pulled.txt', 'vcs', a],
      ['two.txt', 'vcs', a],
    ]);
    const { capture } = await chain.step('request');
    expect(capture).toMatchObject({
      branch: 'other',
      head: git('rev-parse', 'HEAD').trim(),
      operation: null,
      stash: null,
    });
  });

  test('a merge that stops with conflicts is vcs, and the operation is noted', async () => {
    git('init', '-q', '-b', 'main');
    await put('both.txt', 'base\n');
    git('add', '.');
    git('commit', '-qm', 'base');
    git('checkout', '-q', '-b', 'side');
    await put('both.txt', 'side\n');
    await put('side.txt', 'side\n');
    git('add', '.');
    git('commit', '-qm', 'side');
    git('checkout', '-q', 'main');
    await put('both.txt', 'main\n');
    git('commit', '-qam', 'main');
    await chain.step('session_start', a);
    await opens(a);
    expect(() => git('merge', 'side')).toThrow();
    const { capture } = await closes(a);
    expect(capture.operation).toBe('merge');
    expect(await whose()).toEqual([
      ['both.txt', 'vcs', a],
      ['side.txt', 'vcs', a],
    ]);
  });

  test('several processes append one after the other, and lose nothing between them', {
    timeout: PATIENCE_MS,
  }, async () => {
    await chain.step('session_start', a);
    const chains = [chain, another(), another()];
    const texts = new Map<string, string>();
    await Promise.all(
      chains.map(async (each, process) => {
        for (let round = 0; round < 3; round += 1) {
          const path = `file-${(process + round) % 3}.txt`;
          texts.set(path, `${process} ${round}\n`);
          await put(path, `${process} ${round}\n`);
          await each.step('look');
        }
      }),
    );
    const { capture } = await another().step('look');
    const rows = await sql(
      'SELECT position FROM workspace_captures WHERE workspace_id = $1 ORDER BY position',
      workspace.id,
    );
    expect(rows.map((row) => (row as { position: number }).position)).toEqual(rows.map((_row, at) => at + 1));
    const folded = new Map<string, string | null>();
    let tree: string | null = null;
    for (const change of await changes.between(project, workspace.id, 0)) {
      expect(change.beforeOid).toBe(folded.get(change.path) ?? null);
      folded.set(change.path, change.afterOid);
      tree = change.afterTree;
    }
    expect(tree).toBe(capture.treeId);
    for (const path of texts.keys()) {
      expect(folded.get(path)).toBe(blobId(await readFile(join(work, path))));
    }
  });

  test('what a dead run has left is its own until it is seen, and nobody’s afterwards', async () => {
    await chain.step('session_start', a);
    await opens(a);
    await put('before.txt', 'x\n');
    await sql(`UPDATE sessions SET status = 'cancelled', version = version + 1 WHERE id = $1`, a);
    await chain.step('look');
    await put('after.txt', 'x\n');
    await chain.step('look');
    expect(await whose()).toEqual([
      ['after.txt', 'external', null],
      ['before.txt', 'window', a],
    ]);
  });

  test('who wants the files alone waits for open windows, or forces it; new windows wait for them', async () => {
    await put('f.txt', 'old\n');
    await chain.step('session_start', a);
    await opens(a);
    await expect(chain.exclusively(async () => 'never', { waitMs: 0 })).rejects.toMatchObject({
      code: 'WORKSPACE_BUSY',
      status: 409,
      details: { reason: expect.stringContaining(a) },
    });
    expect(await chain.exclusively(async () => 'forced', { waitMs: 0, force: true })).toBe('forced');
    const order: string[] = [];
    const begun = Promise.withResolvers<void>();
    const alone = chain.exclusively(async () => {
      order.push('alone');
      await put('f.txt', 'set back\n');
      begun.resolve();
      // Somebody else looks meanwhile: what was written is not to be taken for anybody's.
      await another().step('look');
      await new Promise((resolve) => setTimeout(resolve, 250));
      await chain.recordUndo('01900000-0000-7000-8000-000000000000', 'me', ['f.txt']);
      order.push('over');
    });
    await closes(a);
    await begun.promise;
    expect((await another().step('look')).changes).toEqual([]);
    await chain.openWindow(shell(b), null);
    order.push('window');
    await alone;
    expect(order).toEqual(['alone', 'over', 'window']);
    expect((await changes.list(project)).items).toMatchObject([
      {
        path: 'f.txt',
        attribution: 'undo',
        undoId: '01900000-0000-7000-8000-000000000000',
        actor: 'me',
        sessionId: null,
      },
    ]);
  });

  test('renames, removals and modes come with what is needed to set them back', async () => {
    await put('from.txt', 'a text that is long enough to be known again\n'.repeat(3));
    await put('gone.txt', 'bye\n');
    await chain.step('session_start', a);
    await opens(a);
    await rename(join(work, 'from.txt'), join(work, 'to.txt'));
    await unlink(join(work, 'gone.txt'));
    const { changes: found } = await closes(a);
    expect(found).toMatchObject([
      { path: 'gone.txt', operation: 'deleted', afterOid: null, afterMode: null, attribution: 'window' },
      { path: 'to.txt', oldPath: 'from.txt', operation: 'renamed', attribution: 'window', sessionId: a },
    ]);
    expect(found[1]?.beforeOid).toBe(found[1]?.afterOid);
  });

  test('a session’s work comes as diffs of what it did and nothing of its neighbours’', async () => {
    await put('both.txt', '1\n2\n3\n4\n5\n6\n7\n8\n');
    await put('moved.txt', 'a text that is long enough to be known again\n'.repeat(3));
    await chain.step('session_start', a);
    await opens(a);
    await put('both.txt', 'one\n2\n3\n4\n5\n6\n7\n8\n');
    await put('new.txt', 'first\n');
    await rename(join(work, 'moved.txt'), join(work, 'there.txt'));
    await closes(a);
    await opens(b);
    await put('both.txt', 'one\n2\n3\n4\n5\n6\n7\neight\n');
    await closes(b);
    await opens(a, 'again');
    await put('both.txt', 'ONE\n2\n3\n4\n5\n6\n7\neight\n');
    await put('new.txt', 'first\nsecond\n');
    await closes(a, 'again');

    const { files } = await changes.diff(project, a);
    expect(
      files.map(({ path, operation, oldPath, interleaved, additions, deletions }) => [
        path,
        operation,
        oldPath,
        interleaved,
        additions,
        deletions,
      ]),
    ).toEqual([
      ['both.txt', 'modified', null, true, 2, 2],
      ['new.txt', 'added', null, false, 2, 0],
      ['there.txt', 'renamed', 'moved.txt', false, 0, 0],
    ]);
    expect(files[0]?.diff).toMatch(/-1\n\+one\n[\s\S]*-one\n\+ONE\n/);
    expect(files[0]?.diff).not.toContain('+eight');
    expect(files[1]?.diff).toContain('+first\n+second\n');
    const theirs = (await changes.diff(project, b)).files;
    expect(theirs).toMatchObject([{ path: 'both.txt', additions: 1, deletions: 1, pruned: false }]);
    const single = await changes.diff(project, a, { each: true, path: 'new.txt' });
    expect(single.files.map(({ diff }) => diff?.split('\n').filter((line) => /^[+-]\w/.test(line)))).toEqual([
      ['+first'],
      ['+second'],
    ]);
  });

  test('each line of a file is known by whose hand it came, through renames', async () => {
    await put('old.txt', 'before\nkept\nlast\n');
    await chain.step('session_start', a);
    await opens(a);
    await put('old.txt', 'before\nby a\nkept\nlast\n');
    await closes(a);
    await opens(b);
    await rename(join(work, 'old.txt'), join(work, 'new.txt'));
    await closes(b);
    await opens(b);
    await put('new.txt', 'before\nby a\nkept\nby b\n');
    await closes(b);
    await put('new.txt', 'a person\nbefore\nby a\nkept\nby b\n');
    const blame = await changes.blame(project, workspace.id, 'new.txt');
    expect(
      blame.lines.map(({ text, attribution, sessionId, callId }) => [text, attribution, sessionId, callId]),
    ).toEqual([
      ['a person', 'external', null, null],
      ['before', null, null, null],
      ['by a', 'window', a, 'shell'],
      ['kept', null, null, null],
      ['by b', 'window', b, 'shell'],
    ]);
    expect((await changes.blame(project, workspace.id, 'new.txt')).position).toBe(blame.position);
    await put('made.txt', 'all of it\n');
    expect((await changes.blame(project, workspace.id, 'made.txt')).lines).toMatchObject([{ attribution: 'external' }]);
    await expect(changes.blame(project, workspace.id, 'absent.txt')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});
