import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnBackends, type TestDatabase } from '../../testing/index.ts';
import { statement } from '../database/index.ts';
import { systemIds } from '../ids/ids.ts';
import { IdempotencyKeys } from './index.ts';

const digest = (text: string) => createHash('sha256').update(text).digest();
const answer = { status: 201, headers: { etag: '"1"' }, body: '{"id":"x"}' };

describeOnBackends('idempotency keys', (backend) => {
  let opened: TestDatabase;
  let keys: IdempotencyKeys;
  let projectId: string;
  beforeEach(async () => {
    opened = await backend.open();
    keys = new IdempotencyKeys({ database: opened.database });
    projectId = await project('first');
  });
  const project = async (slug: string) => {
    const id = systemIds.uuid();
    const insert = statement('test.project', 'INSERT INTO projects (id, slug, name) VALUES ($1, $2, $2)');
    await opened.database.query(insert, [id, slug]);
    return id;
  };
  afterEach(() => opened.close());

  const first = async (key: string, text: string, from = keys) => {
    const begun = await from.begin(projectId, key, digest(text));
    if (!begun.first) throw new Error('not the first request');
    return begun.settle;
  };

  it('answers a repeated request with the first answer', async () => {
    await (await first('k', 'a')).answer(answer);
    expect(await keys.begin(projectId, 'k', digest('a'))).toEqual({ first: false, answer });
  });

  it('refuses another request under the same key, before and after the first was answered', async () => {
    const settle = await first('k', 'a');
    await expect(keys.begin(projectId, 'k', digest('b'))).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    await settle.answer(answer);
    await expect(keys.begin(projectId, 'k', digest('b'))).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  it('refuses a repeat while the first is under way', async () => {
    await first('k', 'a');
    await expect(keys.begin(projectId, 'k', digest('a'))).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
  });

  it('frees the key of a request that changed nothing', async () => {
    await (await first('k', 'a')).release();
    await (await first('k', 'b')).answer(answer);
    expect(await keys.begin(projectId, 'k', digest('b'))).toMatchObject({ first: false });
  });

  it('lets exactly one of many simultaneous requests through', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => keys.begin(projectId, 'k', digest('a'))),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  });

  it('forgets answers whose time is over, and keeps the others', async () => {
    const short = new IdempotencyKeys({ database: opened.database, seconds: 0 });
    await (await first('old', 'a', short)).answer(answer);
    await (await first('new', 'a')).answer(answer);
    expect(await keys.purge()).toBe(1);
    expect(await keys.begin(projectId, 'old', digest('b'))).toMatchObject({ first: true });
    expect(await keys.begin(projectId, 'new', digest('a'))).toMatchObject({ first: false });
  });

  it('keeps the keys of projects apart', async () => {
    const other = await project('other');
    await (await first('k', 'a')).answer(answer);
    expect(await keys.begin(other, 'k', digest('b'))).toMatchObject({ first: true });
  });
});
