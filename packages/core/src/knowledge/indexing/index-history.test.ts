import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Workspaces } from '../../workspaces/index.ts';
import { readCommits } from '../indexers/history/commit.ts';
import { tellCommit } from '../indexers/history/tell-commit.ts';
import { writeSource, writeSources } from '../indexers/typescript/testing/fixture.ts';
import { Knowledge } from '../knowledge.ts';
import type { RelationshipType } from '../vocabulary/relationship-type.ts';
import { HeldWork } from './held-work.ts';
import { indexHistory, MOST_COMMITS } from './index-history.ts';
import { claimIndexJob, endIndexJob, insertIndexJob } from './index-job-store.ts';
import { distrustIndexedFiles } from './indexed-file-store.ts';

const run = promisify(execFile);
const TEXT = 'first line of the tax\nsecond line of the tax\nthird line of the tax\n';

describeOnBackends('the history of a repository', (backend) => {
  let db: TestDatabase;
  let knowledge: Knowledge;
  let projectId: string;
  let workspaceId: string;
  let root: string;
  let now = Date.parse('2026-02-01T00:00:00Z');

  beforeAll(async () => {
    db = await backend.open();
    const parts = { database: db.database, clock: { ...systemClock, now: () => new Date(now) }, ids: systemIds };
    knowledge = new Knowledge(parts);
    const workspaces = new Workspaces(parts);
    projectId = await insertTestProject(db.database);
    root = writeSources({ 'tax.txt': TEXT, 'sub/a.txt': 'a\n' });
    workspaceId = (await workspaces.create(projectId, { path: root }, 'ann')).id;
    await git('init', '-q', '-b', 'main');
  });
  afterAll(async () => {
    await db.close();
    rmSync(root, { recursive: true });
  });

  const git = async (...words: string[]) => {
    const identity = {
      GIT_AUTHOR_NAME: 'Ann',
      GIT_AUTHOR_EMAIL: 'Ann@example.com',
      GIT_COMMITTER_NAME: 'Ann',
      GIT_COMMITTER_EMAIL: 'a@b',
    };
    const date = new Date(now).toISOString();
    const env = {
      ...process.env,
      ...identity,
      GIT_COMMITTER_DATE: date,
      GIT_AUTHOR_DATE: date,
      GIT_CONFIG_GLOBAL: '/dev/null',
    };
    return (await run('git', words, { cwd: root, env })).stdout.trim();
  };
  const commit = async (subject: string) => {
    now += 60_000;
    await git('add', '-A');
    await git('commit', '-q', '-m', subject);
    return git('rev-parse', 'HEAD');
  };
  /** Without the thread that reads sources, which takes longer than all else here. */
  const index = async () => {
    now += 60_000;
    const { database } = db;
    const draft = { id: systemIds.uuid(), workspaceId, full: false, mode: 'types' as const, requestedBy: 'ann' };
    await database.transaction((tx) => insertIndexJob(tx, projectId, { ...draft, at: new Date(now) }));
    const job = (await claimIndexJob(database, 'n1', new Date(now), 3_600))?.job;
    if (!job) throw new Error('Nobody asked for it.');
    const work = new HeldWork({ database, knowledge }, job);
    const { signal } = new AbortController();
    await indexHistory({ database, work }, job, root, signal).catch(async (error) => {
      await database.transaction((tx) => endIndexJob(tx, job, 'failed', new Date(now)));
      throw error;
    });
    const ended = await database.transaction((tx) => endIndexJob(tx, job, null, new Date(now)));
    return { entities: ended?.entities ?? 0, relationships: ended?.relationships ?? 0 };
  };
  const ends = async (startId: string, type: RelationshipType) =>
    (await knowledge.traverse(projectId, { startId, relationshipTypes: [type], maxDepth: 1 })).visited
      .slice(1)
      .map(({ id }) => id);

  it('is told of by changes, authors and versions, also where files were called otherwise, and only what is new', async () => {
    expect((await index()).entities).toBe(0);
    const first = await commit('Say what tax is');
    writeSource(root, 'tax.txt', `${TEXT}fourth line\n`);
    const second = await commit('Say more');
    expect((await index()).entities).toBe(5);
    expect((await knowledge.entity(projectId, `change:${first}`)).entity).toMatchObject({
      ...{ changeType: 'update', author: 'Ann <Ann@example.com>', commitHash: first },
      newState: { subject: 'Say what tax is', files: 2 },
    });
    expect(await ends('file:tax.txt', 'CREATED_IN')).toEqual([`change:${first}`]);
    expect(await ends('file:tax.txt', 'MODIFIED_IN')).toEqual([`change:${second}`]);
    expect(await ends(`change:${second}`, 'MODIFIED_BY')).toEqual(['author:ann@example.com']);

    const before = `version:tax.txt@${(await git('rev-parse', 'HEAD:tax.txt')).slice(0, 16)}`;
    expect(await ends(before, 'OF')).toEqual(['file:tax.txt']);
    await git('mv', 'tax.txt', 'levy.txt');
    writeSource(root, 'levy.txt', `${TEXT}fifth line\n`);
    writeSource(root, 'sub/a.txt', null);
    const third = await commit('Call it a levy');
    const job = await index();
    expect([job.entities, job.relationships]).toEqual([2, 6]);
    const version = `version:levy.txt@${(await git('rev-parse', 'HEAD:levy.txt')).slice(0, 16)}`;
    expect(await ends(version, 'PREVIOUS_VERSION')).toEqual([before]);
    expect(await ends('file:tax.txt', 'REMOVED_IN')).toEqual([`change:${third}`]);
    expect(await ends('file:sub/a.txt', 'REMOVED_IN')).toEqual([`change:${third}`]);
    const { revision } = await knowledge.cycles(projectId);
    expect((await index()).entities).toBe(0);
    await db.database.transaction((tx) => distrustIndexedFiles(tx, projectId, workspaceId));
    expect((await index()).entities).toBe(7);
    expect((await knowledge.cycles(projectId)).revision).toBe(revision);
  });

  it('that was written anew takes back what it has no more', async () => {
    const gone = await git('rev-parse', 'HEAD');
    await git('reset', '-q', '--soft', 'HEAD~1');
    const made = await commit('Call it so');
    await index();
    expect((await knowledge.entity(projectId, `change:${gone}`)).validTo).not.toBeNull();
    expect((await knowledge.entity(projectId, `change:${made}`)).validTo).toBeNull();
    expect(await ends('file:tax.txt', 'REMOVED_IN')).toEqual([`change:${made}`]);
    expect(await ends('file:tax.txt', 'CREATED_IN')).toHaveLength(1);
  });

  it('is told of all that came since it was read, however much that is', async () => {
    const from = await git('rev-parse', 'HEAD');
    const count = MOST_COMMITS + 20;
    const commits = Array.from({ length: count }, (_, n) => {
      const parent = n === 0 ? `from ${from}\n` : '';
      return `commit refs/heads/main\ncommitter Ann <a@b> 1770000000 +0000\ndata 1\nm\n${parent}M 644 inline n\ndata ${String(n).length}\n${n}\n`;
    });
    writeSource(root, '.git/commits', commits.join(''));
    await run('sh', ['-c', 'git fast-import --quiet < .git/commits'], { cwd: root });
    expect((await index()).entities).toBe(2 * count);
    const oldest = await git('rev-parse', `HEAD~${count - 1}`);
    expect((await knowledge.entity(projectId, `change:${oldest}`)).validTo).toBeNull();
  }, 180_000);
});

const bytes = async function* (text: string, size: number) {
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
};
const HEADER = '\x1eabc\x002026-01-01T00:00:00+02:00\0\x1eAnn\x1f\0a@b\0Why: \x1f ä';

it('what git writes of it is read however it is cut into pieces', async () => {
  const [none, blob] = ['0'.repeat(40), 'a'.repeat(40)];
  const text = `${HEADER}\0\n:000000 100644 ${none} ${blob} A\0ä b\n.txt\0:100644 100644 ${blob} ${blob} R100\0old\0:new\0${HEADER}\0`;
  for (const size of [1, 7, 1_000]) {
    const commits = [];
    for await (const one of readCommits(bytes(text, size))) commits.push(one);
    expect(commits).toMatchObject([
      {
        ...{ hash: 'abc', authorName: '\x1eAnn\x1f', authorEmail: 'a@b', subject: 'Why: \x1f ä' },
        files: [
          { path: 'ä b\n.txt', changeType: 'create', oldBlob: null, blob },
          { path: ':new', oldPath: 'old', changeType: 'rename' },
        ],
      },
      { files: [] },
    ]);
  }
  const broken = async () => {
    for await (const _ of readCommits(bytes('nonsense\0', 3)));
  };
  await expect(broken()).rejects.toThrow('nonsense');
});

it('a subject of any length and a date that no calendar has are taken for what can be stored', async () => {
  const long = HEADER.replace('Why', 'x'.repeat(300_000)).replace('2026-01-01', '99999-01-01');
  const commits = [];
  for await (const one of readCommits(bytes(`${long}\0`, 1_000))) commits.push(one);
  expect(commits[0]?.subject).toHaveLength(100_000);
  expect(commits[0] && tellCommit(commits[0]).entities).toMatchObject([
    { timestamp: '1970-01-01T00:00:00.000Z', author: 'Ann <a@b>', newState: { subject: 'x'.repeat(500) } },
  ]);
});

it('a commit of very many files is told of without them', () => {
  const file = { oldPath: null, changeType: 'create' as const, oldBlob: null, blob: 'a'.repeat(40) };
  const files = Array.from({ length: 301 }, (_, n) => ({ ...file, path: `${n}` }));
  const commit = {
    hash: 'a',
    authorName: 'A\0nn',
    authorEmail: '',
    at: new Date('2026-01-01T00:00:00+02:00'),
    subject: '',
    files,
  };
  const { entities, relationships } = tellCommit(commit);
  expect(entities).toMatchObject([
    { timestamp: '2025-12-31T22:00:00.000Z', author: 'Ann <>', newState: { files: 301 } },
  ]);
  expect(relationships).toHaveLength(1);
});
