import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { pruneContents } from '../platform/content/index.ts';
import { statement } from '../platform/database/index.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { type SaveCheckpoint, type ThreadCheckpoint, Threads, type TypedBytes } from './index.ts';

const CASES = Number(process.env.SIGNALBOX_CASES ?? 200);
const ACTOR = 'tester';
const typed = (text: string, type = 'json'): TypedBytes => ({ type, bytes: Buffer.from(text) });
const big = (seed: string) => typed(JSON.stringify(seed.repeat(3_000)));

/** PGlite runs in this process's own processors' time, ten times as slow. */
const SLOW_MS = 240_000;

describeOnBackends('threads', (backend) => {
  const numRuns = Math.ceil(CASES / (backend.name === 'pglite' ? 20 : 5));
  let opened: TestDatabase;
  let threads: Threads;
  let projectId: string;
  beforeAll(async () => {
    opened = await backend.open();
    threads = new Threads({ database: opened.database });
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    projectId = await insertTestProject(opened.database);
  });

  const sql = <Row = Record<string, unknown>>(text: string, values: unknown[] = []) =>
    opened.database.query<Row>(statement('test', text), values);
  const save = (checkpointId: string, changes: Partial<SaveCheckpoint> = {}) =>
    threads.save(projectId, {
      threadId: 't',
      checkpointId,
      versions: {},
      body: typed('{"v":4}'),
      metadata: typed('{"source":"loop","step":1}'),
      values: [],
      ...changes,
    });
  const load = (checkpointId: string | null = null, threadId = 't', namespace = '') =>
    threads.load(projectId, { threadId, namespace, checkpointId });
  const write = (checkpointId: string, taskId: string, given: [number, string][], taskPath = '') =>
    threads.write(projectId, {
      threadId: 't',
      checkpointId,
      taskId,
      taskPath,
      writes: given.map(([idx, text]) => ({ idx, channel: 'c', value: typed(text) })),
    });
  const texts = (checkpoint: ThreadCheckpoint | null) =>
    Object.fromEntries(
      (checkpoint?.values ?? []).map(({ channel, value }) => [channel, Buffer.from(value.bytes).toString()]),
    );
  const ids = async (query = {}) => (await threads.list(projectId, query)).items.map((item) => item.checkpointId);
  const count = async (table: string) => {
    const [row] = await sql<{ n: string }>(
      `SELECT count(*) AS n FROM ${table} r JOIN threads t ON t.id = r.thread WHERE t.project_id = $1`,
      [projectId],
    );
    return Number(row?.n);
  };

  it('gives back what was saved, to the byte, whatever channels, versions and values there are', {
    timeout: SLOW_MS,
  }, async () => {
    const name = fc
      .string({ maxLength: 12, unit: 'grapheme' })
      .filter((text) => !text.includes('\0') && text.isWellFormed());
    const value = fc.record({
      type: name,
      bytes: fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 8_200, maxLength: 9_000 })),
    });
    const channel = fc.record({
      version: fc.oneof(
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
        name,
      ),
      value: fc.option(value),
    });
    const channels = fc.dictionary(
      name.filter((text) => text !== '__proto__'),
      channel,
      { maxKeys: 6 },
    );
    await fc.assert(
      fc.asyncProperty(channels, value, value, async (given, body, metadata) => {
        const threadId = systemIds.uuid();
        const entries = Object.entries(given);
        const versions = Object.fromEntries(entries.map(([key, { version }]) => [key, version]));
        await save('1', {
          threadId,
          versions,
          body,
          metadata,
          values: entries.map(([key, one]) => ({ channel: key, ...one })),
        });
        const loaded = await load('1', threadId);
        expect(loaded?.versions).toEqual(JSON.parse(JSON.stringify(versions)));
        expect(plain(loaded?.body)).toEqual(plain(body));
        expect(plain(loaded?.metadata)).toEqual(plain(metadata));
        const stored = Object.fromEntries((loaded?.values ?? []).map((one) => [one.channel, plain(one.value)]));
        expect(stored).toEqual(
          Object.fromEntries(entries.flatMap(([key, one]) => (one.value ? [[key, plain(one.value)]] : []))),
        );
      }),
      { numRuns },
    );
  });

  it('holds many threads at once, each with its own history, against a model', { timeout: SLOW_MS }, async () => {
    const step = fc.record({
      thread: fc.nat(3),
      namespace: fc.constantFrom('', 'child'),
      changed: fc.subarray(['a', 'b', 'c']),
      large: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const run = systemIds.uuid();
        const latest = new Map<
          string,
          { id: string; versions: Record<string, number>; held: Record<string, string> }
        >();
        const expected: {
          threadId: string;
          namespace: string;
          id: string;
          parent: string | null;
          held: Record<string, string>;
        }[] = [];
        const saves: Promise<void>[] = [];
        for (const [n, { thread, namespace, changed, large }] of steps.entries()) {
          const threadId = `${run}-${thread}`;
          const before = latest.get(threadId + namespace);
          const id = String(n).padStart(4, '0');
          const versions = { ...before?.versions };
          const held = { ...before?.held };
          for (const channel of changed) {
            versions[channel] = n + 1;
            held[channel] = `${large ? 'x'.repeat(9_000) : ''}${channel}${n}`;
          }
          const values = changed.map((channel) => ({ channel, version: n + 1, value: typed(held[channel] ?? '') }));
          saves.push(save(id, { threadId, namespace, parentId: before?.id ?? null, versions, values }));
          latest.set(threadId + namespace, { id, versions, held });
          expected.push({ threadId, namespace, id, parent: before?.id ?? null, held });
        }
        await Promise.all(saves);
        const loaded = await Promise.all(expected.map(({ threadId, namespace, id }) => load(id, threadId, namespace)));
        for (const [n, want] of expected.entries()) {
          expect(texts(loaded[n] ?? null)).toEqual(want.held);
          expect(loaded[n]).toMatchObject({
            threadId: want.threadId,
            namespace: want.namespace,
            parentId: want.parent,
          });
        }
      }),
      { numRuns },
    );
  });

  it('answers the latest checkpoint where none is named, and null where there is none', async () => {
    expect(await load()).toBeNull();
    await save('2');
    await save('10');
    await save('1');
    expect((await load())?.checkpointId).toBe('2');
    expect(await load('3')).toBeNull();
    expect(await load(null, 't', 'child')).toBeNull();
    expect(await threads.load(await insertTestProject(opened.database), { threadId: 't' })).toBeNull();
  });

  it('stores a channel that did not change once, and large values of equal content once', async () => {
    const values = [{ channel: 'a', version: 1, value: big('state ') }];
    await save('1', { versions: { a: 1 }, values });
    for (let n = 2; n < 20; n += 1) await save(String(n).padStart(2, '0'), { versions: { a: 1 } });
    const [held] = await sql<{ n: string }>(
      'SELECT count(holds) AS n FROM thread_checkpoints c JOIN threads t ON t.id = c.thread WHERE t.project_id = $1',
      [projectId],
    );
    expect([held?.n, await count('thread_values')]).toEqual(['1', 1]);
    await save('30', { versions: { a: 2 }, values: [{ channel: 'a', version: 2, value: big('state ') }] });
    await save('1', { threadId: 'other', versions: { a: 1 }, values });
    const [blobs] = await sql<{ n: string }>('SELECT count(*) AS n FROM content_blobs WHERE project_id = $1', [
      projectId,
    ]);
    expect(blobs?.n).toBe('1');
    expect(texts(await load('19'))).toEqual({ a: Buffer.from(big('state ').bytes).toString() });
    expect(texts(await load('30'))).toEqual(texts(await load('19')));
  });

  it('knows a channel without a value from one it was never told of', async () => {
    await save('1', { versions: { a: 1, b: 1 }, values: [{ channel: 'a', version: 1, value: null }] });
    const loaded = await load('1');
    expect(loaded?.versions).toEqual({ a: 1, b: 1 });
    expect(loaded?.values).toEqual([]);
    await save('2', { parentId: '1', versions: { a: 1, b: 1 } });
    await threads.prune(projectId, { keepLast: 1 }, ACTOR);
    expect(await count('thread_values')).toBe(1);
    expect(await load('2')).toMatchObject({ versions: { a: 1, b: 1 }, values: [] });
  });

  it('may be repeated, and refuses another value of the same checkpoint and version, alone of its batch', async () => {
    const first = { versions: { a: 1 }, values: [{ channel: 'a', version: 1, value: typed('"x"') }] };
    await save('1', first);
    await save('1', { ...first, metadata: typed('{"source":"again"}') });
    expect(await ids({ metadata: { source: 'again' } })).toEqual(['1']);
    for (const value of [typed('"y"'), typed('"x"', 'msgpack'), big('"x"'), null]) {
      const outcomes = await Promise.allSettled([
        save('2', { threadId: 'u' }),
        save('1', { versions: { a: 1 }, values: [{ channel: 'a', version: 1, value }] }),
        save('2', { threadId: 'v' }),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(outcomes[1]).toMatchObject({
        reason: { code: 'THREAD_VERSION_TAKEN', details: { channel: 'a', threadId: 't', version: '1' } },
      });
    }
    expect(texts(await load('1'))).toEqual({ a: '"x"' });
    expect(await count('thread_values')).toBe(0);
  });

  it('adds to a checkpoint what a repeated save brings beyond the first, and drops nothing', async () => {
    const a = { channel: 'a', version: 1, value: typed('"a"') };
    const b = { channel: 'b', version: 1, value: big('b') };
    await save('1', { versions: { a: 1 }, values: [a] });
    await save('1', { versions: { a: 1, b: 1 }, values: [b] });
    expect(texts(await load('1'))).toEqual({ a: '"a"', b: Buffer.from(b.value.bytes).toString() });
    await save('1', { versions: { a: 1, b: 1 } });
    expect(Object.keys(texts(await load('1')))).toEqual(['a', 'b']);
  });

  it('keeps the values of branches apart that give one version to both', async () => {
    const at = (value: string) => ({ versions: { a: 1 }, values: [{ channel: 'a', version: 1, value: typed(value) }] });
    await save('1');
    await save('2', { parentId: '1', ...at('"left"') });
    await save('3', { parentId: '1', ...at('"right"') });
    await save('4', { parentId: '2', versions: { a: 1 } });
    await save('5', { parentId: '3', versions: { a: 1 } });
    await threads.prune(projectId, { keepLast: 2 }, ACTOR);
    expect(await ids()).toEqual(['5', '4']);
    expect([texts(await load('4')), texts(await load('5'))]).toEqual([{ a: '"left"' }, { a: '"right"' }]);
  });

  it('finds a value wherever it is, also where the save did not know: by the parent, an earlier one, a later one', async () => {
    const brings = { versions: { a: 1 }, values: [{ channel: 'a', version: 1, value: typed('"a"') }] };
    await save('2', { parentId: '1', versions: { a: 1 } });
    expect(texts(await load('2'))).toEqual({});
    await save('1', brings);
    expect(texts(await load('2'))).toEqual({ a: '"a"' });
    await save('3', { versions: { a: 1 } });
    await save('0', { versions: { a: 1 } });
    expect([texts(await load('3')), texts(await load('0'))]).toEqual([{ a: '"a"' }, { a: '"a"' }]);
    const restarted = new Threads({ database: opened.database });
    await restarted.save(projectId, {
      threadId: 't',
      checkpointId: '4',
      parentId: '1',
      versions: { a: 1 },
      body: typed('{}'),
      metadata: typed('{}'),
      values: [],
    });
    await threads.delete(projectId, 't', ACTOR);
    await restarted.save(projectId, {
      threadId: 't',
      checkpointId: '5',
      parentId: '4',
      body: typed('{}'),
      metadata: typed('{}'),
      ...brings,
    });
    expect(await ids()).toEqual(['5']);
    expect(texts(await load('5'))).toEqual({ a: '"a"' });
  });

  it('keeps what tasks write, in the order of their steps, before and after the checkpoint comes', async () => {
    await write(
      '1',
      'b',
      [
        [0, '"b0"'],
        [1, '"b1"'],
      ],
      '1',
    );
    await write('1', 'a', [[0, '"a0"']], '2');
    await write('1', 'z', [
      [-1, '"error"'],
      [0, JSON.stringify('w'.repeat(9_000))],
    ]);
    await save('1');
    const loaded = await load('1');
    expect(loaded?.writes.map(({ taskId, idx }) => `${taskId}${idx}`)).toEqual(['z-1', 'z0', 'b0', 'b1', 'a0']);
    expect(Buffer.from(loaded?.writes[1]?.value.bytes ?? []).length).toBe(9_002);
    expect((await load('1', 'none'))?.writes).toBeUndefined();
  });

  it('keeps a write as it was first given, but for those a task has one of', async () => {
    await write('1', 'a', [
      [0, '"first"'],
      [-3, '"old"'],
      [-3, '"older"'],
    ]);
    await write('1', 'a', [
      [0, '"second"'],
      [-3, '"new"'],
    ]);
    await save('1');
    expect((await load('1'))?.writes.map(({ value }) => Buffer.from(value.bytes).toString())).toEqual([
      '"new"',
      '"first"',
    ]);
  });

  it('lists the newest first, by thread, namespace, id, metadata, and page by page', async () => {
    for (let n = 1; n <= 5; n += 1)
      await save(`${n}`, { metadata: typed(`{"step":${n},"source":"${n % 2 ? 'loop' : 'input'}"}`) });
    await save('3', { threadId: 'u', metadata: typed('{"source":"loop","nested":{"a":[1,2],"nul":"\\u0000"}}') });
    await save('4', { namespace: 'child', metadata: typed('not json', 'msgpack') });
    expect(await ids()).toEqual(['5', '4', '4', '3', '3', '2', '1']);
    expect(await ids({ threadId: 't', namespace: '' })).toEqual(['5', '4', '3', '2', '1']);
    expect(await ids({ threadId: 't', before: '4' })).toEqual(['3', '2', '1']);
    expect(await ids({ metadata: { source: 'loop' } })).toEqual(['5', '3', '3', '1']);
    expect(await ids({ metadata: { nested: { a: [2] } } })).toEqual(['3']);
    expect(await ids({ metadata: { source: 'loop', step: 5 }, limit: 0 })).toEqual([]);
    expect(await ids({ checkpointId: '4' })).toEqual(['4', '4']);
    const pages: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await threads.list(projectId, { limit: 2, ...(cursor ? { cursor } : {}) });
      pages.push(page.items.map((item) => `${item.threadId}${item.namespace}${item.checkpointId}`).join(' '));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual(['t5 t4', 'tchild4 t3', 'u3 t2', 't1']);
    await expect(threads.list(projectId, { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'INVALID_CURSOR' });
  });

  it('says what threads there are, page by page', async () => {
    await save('1', { versions: { a: 1 }, values: [{ channel: 'a', version: 1, value: typed('"0123456789"') }] });
    await save('2');
    await save('1', { threadId: 'u' });
    expect(await threads.threads(projectId, { limit: 1 })).toMatchObject({
      items: [{ threadId: 't', checkpoints: 2 }],
      nextAfter: 't',
    });
    expect(await threads.threads(projectId, { after: 't' })).toMatchObject({
      items: [{ threadId: 'u', checkpoints: 1 }],
      nextAfter: null,
    });
    expect((await threads.thread(projectId, 't')).bytes).toBeGreaterThan(
      (await threads.thread(projectId, 'u')).bytes + 12,
    );
    await expect(threads.thread(projectId, 'none')).rejects.toMatchObject({ code: 'THREAD_NOT_FOUND' });
  });

  it('deletes a thread with all it has and nothing else, and says so in the audit', async () => {
    await save('1', { versions: { a: 1 }, values: [{ channel: 'a', version: 1, value: big('gone ') }] });
    await write('1', 'task', [[0, '"x"']]);
    await save('1', { threadId: 'u' });
    expect(await threads.delete(projectId, 't', ACTOR)).toBe(true);
    expect(await threads.delete(projectId, 't', ACTOR)).toBe(false);
    expect(await load('1')).toBeNull();
    expect(await load('1', 'u')).not.toBeNull();
    expect([await count('thread_checkpoints'), await count('thread_values'), await count('thread_writes')]).toEqual([
      1, 0, 0,
    ]);
    const [audit] = await sql('SELECT action, subject_id, actor FROM audit_events WHERE project_id = $1', [projectId]);
    expect(audit).toEqual({ action: 'thread.delete', subject_id: 't', actor: ACTOR });
    await sql(`UPDATE content_blobs SET last_used_at = now() - interval '2 days' WHERE project_id = $1`, [projectId]);
    expect(await pruneContents(opened.database)).toBe(1);
  });

  it('prunes to the newest, keeping every value that a kept checkpoint has', async () => {
    const held: Record<string, string> = {};
    const versions: Record<string, number> = {};
    for (let n = 1; n <= 9; n += 1) {
      const channel = ['a', 'b', 'c'][n % 3] ?? 'a';
      versions[channel] = n;
      held[channel] = `"${channel}${n}"`;
      await save(`${n}`, {
        parentId: n > 1 ? `${n - 1}` : null,
        versions: { ...versions },
        values: [{ channel, version: n, value: typed(held[channel] ?? '') }],
      });
      await write(`${n}`, 'task', [[0, `"${n}"`]]);
    }
    expect(await threads.prune(projectId, { threadId: 't', keepLast: 2 }, ACTOR)).toEqual({
      threads: 1,
      checkpoints: 7,
      values: 5,
    });
    expect(await ids()).toEqual(['9', '8']);
    expect(texts(await load('9'))).toEqual(held);
    expect(texts(await load('8'))).toMatchObject({ c: '"c8"', b: '"b7"', a: '"a6"' });
    // What they brought stands with them; what earlier ones brought outlived these.
    expect([await count('thread_values'), await count('thread_writes')]).toEqual([2, 2]);
    expect(await threads.prune(projectId, { keepLast: 2 }, ACTOR)).toEqual({ threads: 0, checkpoints: 0, values: 0 });
    await expect(threads.prune(projectId, {}, ACTOR)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(threads.prune(projectId, { threadId: 'none', keepLast: 1 }, ACTOR)).rejects.toMatchObject({
      code: 'THREAD_NOT_FOUND',
    });
  });

  it('prunes by age, in all threads, and keeps the newest of each however old it is', async () => {
    for (const threadId of ['t', 'u']) for (const id of ['1', '2', '3']) await save(id, { threadId });
    await sql(
      `UPDATE thread_checkpoints c SET created_at = now() - interval '3 hours' FROM threads t WHERE t.id = c.thread AND t.project_id = $1 AND t.thread_id = 't'`,
      [projectId],
    );
    expect(await threads.prune(projectId, { olderThanSeconds: 7_200 }, ACTOR)).toEqual({
      threads: 1,
      checkpoints: 2,
      values: 0,
    });
    expect(await ids()).toEqual(['3', '3', '2', '1']);
  });

  it('prunes graphs of single tasks with the checkpoint they belong to, and keeps what unfinished snapshots need', async () => {
    for (const id of ['1', '2', '3', '4']) await save(id, { parentId: id === '1' ? null : String(Number(id) - 1) });
    await save('11', { namespace: 'node:one', metadata: typed('{"parents":{"":"1"}}') });
    await save('41', { namespace: 'node:four', metadata: typed('{"parents":{"":"4"}}') });
    await save('12', { namespace: 'lasting', metadata: typed('{"parents":{"":"1"}}') });
    await threads.prune(projectId, { keepLast: 1 }, ACTOR);
    expect(await ids()).toEqual(['41', '4', '12']);
    const delta = typed('{"counters_since_delta_snapshot":{"messages":[1,1]}}');
    for (const id of ['5', '6', '7'])
      await save(id, { parentId: String(Number(id) - 1), ...(id === '5' ? {} : { metadata: delta }) });
    await threads.prune(projectId, { keepLast: 1 }, ACTOR);
    expect(await ids({ threadId: 't', namespace: '' })).toEqual(['7', '6', '5']);
  });

  it('refuses what is not a checkpoint, by field, and what is too large', async () => {
    await expect(save('')).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(save('1', { threadId: 'a\0b' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    const versions = JSON.parse('{"__proto__": 1, "a": 1}');
    await expect(save('1', { versions })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(save('1', { extra: 1 } as never)).rejects.toMatchObject({ code: 'UNKNOWN_FIELD' });
    const huge = { type: 'bytes', bytes: Buffer.alloc(33 * 1024 * 1024) };
    await expect(save('1', { body: huge })).rejects.toMatchObject({ code: 'THREAD_SAVE_TOO_LARGE' });
    expect(await load()).toBeNull();
  });

  it('lets a project go with its threads', async () => {
    await save('1', { versions: { a: 1 }, values: [{ channel: 'a', version: 1, value: big('project ') }] });
    await sql('DELETE FROM projects WHERE id = $1', [projectId]);
    expect((await sql('SELECT FROM threads WHERE project_id = $1', [projectId])).length).toBe(0);
  });

  if (backend.name === 'postgres') {
    it('saves and deletes at once without a row left behind or a save half done', async () => {
      const other = new Threads({ database: opened.database });
      const work: Promise<unknown>[] = [];
      for (let n = 0; n < 60; n += 1) {
        const id = String(n).padStart(3, '0');
        work.push(
          save(id, {
            versions: { a: n },
            values: [{ channel: 'a', version: n, value: n % 2 ? big(id) : typed(`"${id}"`) }],
          }),
        );
        if (n % 10 === 5) work.push(other.delete(projectId, 't', ACTOR));
        if (n % 10 === 7) work.push(other.prune(projectId, { keepLast: 1 }, ACTOR));
      }
      await Promise.all(work);
      for (const { values } of (await threads.list(projectId)).items) expect(values).toHaveLength(1);
      await threads.delete(projectId, 't', ACTOR);
      const [left] = await sql<{ n: string }>(
        `SELECT (SELECT count(*) FROM thread_values v WHERE NOT EXISTS (SELECT FROM threads t WHERE t.id = v.thread)) AS n`,
      );
      expect(left?.n).toBe('0');
    });
  }
});

function plain(value: TypedBytes | undefined) {
  return value && { type: value.type, bytes: Buffer.from(value.bytes).toString('hex') };
}
