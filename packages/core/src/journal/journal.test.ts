import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../platform/database/index.ts';
import { describeOnBackends, insertTestProject, insertTestSession, type TestDatabase } from '../testing/index.ts';
import {
  type AppendEvent,
  appendAllInTransaction,
  appendInTransaction,
  Journal,
  type JournalEvent,
  setExpiry,
  setFence,
} from './index.ts';

const message = (text: string, eventId?: string): AppendEvent => ({
  type: 'message',
  actor: 'ada',
  payload: { text },
  ...(eventId ? { eventId } : {}),
});
const transition = (to: 'working' | 'broken' | 'coordinating' | 'completed', reopen?: boolean): AppendEvent => ({
  type: 'modified',
  actor: 'ada',
  stateTransition: { to, verifiedBy: 'test', confidence: 0.9, ...(reopen ? { reopen } : {}) },
});
const codes = (settled: PromiseSettledResult<unknown>[]) =>
  settled.map((one) => (one.status === 'fulfilled' ? 'ok' : one.reason.code));

describeOnBackends('journal', (backend) => {
  let db: TestDatabase;
  let database: Database;
  let journal: Journal;
  let projectId: string;
  let sessionId: string;

  beforeAll(async () => {
    db = await backend.open();
    database = db.database;
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    journal = new Journal({ database });
    projectId = await insertTestProject(database);
    sessionId = await insertTestSession(database, projectId);
  });

  const sql = (text: string, values: unknown[] = []) => database.query({ name: '', text }, values);
  const all = async (): Promise<JournalEvent[]> => (await journal.read(projectId, sessionId, { limit: 1000 })).items;

  test('appends in order and reads back every field as it was given', async () => {
    const event: AppendEvent = {
      eventId: randomUUID(),
      type: 'broke',
      actor: 'ada',
      changeInfo: { elementType: 'function', entityIds: ['f1', 'f2'], operation: 'modified', affectedLines: 12 },
      stateTransition: { to: 'broken', verifiedBy: 'test', confidence: 0.95 },
      impact: { severity: 'high', testsFailed: ['t1'], perfDelta: -2.5 },
      payload: { nested: [1, 'two', null, { three: true }] },
      occurredAt: '2026-01-02T03:04:05.678Z',
    };
    const receipts = await journal.append(projectId, sessionId, [{ type: 'start', actor: 'ada' }, event], {
      attempt: 2,
    });
    expect(receipts.map(({ seq, duplicate }) => [seq, duplicate])).toEqual([
      [1, false],
      [2, false],
    ]);
    const [first, second] = await all();
    expect(first).toMatchObject({ seq: 1, type: 'start', payload: null, changeInfo: null, payloadBytes: 0 });
    expect(second).toMatchObject({
      ...event,
      sessionId,
      seq: 2,
      attempt: 2,
      stateTransition: { from: 'working', to: 'broken', verifiedBy: 'test', confidence: 0.95 },
      payloadDigest: null,
      payloadBytes: Buffer.byteLength(JSON.stringify(event.payload)),
    });
    expect(await journal.head(projectId, sessionId)).toMatchObject({ lastSeq: 2, codeState: 'broken' });
  });

  test('records the attempt of the session where the caller names none', async () => {
    await journal.append(projectId, sessionId, [message('x')]);
    expect((await all())[0]?.attempt).toBe(1);
  });

  test('a repeated event id doubles nothing and is answered with the first place', async () => {
    const id = randomUUID();
    await journal.append(projectId, sessionId, [message('before')]);
    const [first] = await journal.append(projectId, sessionId, [message('one', id)]);
    const repeated = await journal.append(projectId, sessionId, [message('one', id), message('new')]);
    expect(first).toEqual({ seq: 2, eventId: id, duplicate: false });
    expect(repeated[0]).toEqual({ seq: 2, eventId: id, duplicate: true });
    expect(repeated[1]).toMatchObject({ seq: 3, duplicate: false });
    expect((await all()).map(({ payload }) => payload)).toEqual([{ text: 'before' }, { text: 'one' }, { text: 'new' }]);
  });

  test('the same id twice at once, and twice in one append, is stored once', async () => {
    const id = randomUUID();
    const answers = await Promise.all(
      [1, 2, 3].map(() => journal.append(projectId, sessionId, [message('same', id), message('same', id)])),
    );
    expect(answers.flat().map(({ seq }) => seq)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(answers.flat().map(({ duplicate }) => duplicate)).toEqual([false, true, true, true, true, true]);
    expect(await all()).toHaveLength(1);
  });

  test('one id may occur in two sessions', async () => {
    const other = await insertTestSession(database, projectId);
    const id = randomUUID();
    const answers = await Promise.all(
      [sessionId, other].map((session) => journal.append(projectId, session, [message('x', id)])),
    );
    expect(answers.flat()).toMatchObject([
      { seq: 1, duplicate: false },
      { seq: 1, duplicate: false },
    ]);
  });

  test('a refused caller gets its own error and leaves the rest of the batch alone', async () => {
    const fenced = await insertTestSession(database, projectId);
    const expired = await insertTestSession(database, projectId, { ttlSeconds: 1, at: new Date(Date.now() - 5_000) });
    const deleted = await insertTestSession(database, projectId);
    await database.transaction((tx) => setFence(tx, projectId, fenced, 7));
    await sql(`UPDATE sessions SET deleted_at = now(), version = version + 1 WHERE id = $1`, [deleted]);
    const settled = await Promise.allSettled([
      journal.append(projectId, sessionId, [message('a')]),
      journal.append(projectId, randomUUID(), [message('unknown')]),
      journal.append(await insertTestProject(database), sessionId, [message('foreign project')]),
      journal.append(projectId, fenced, [message('stale')], { fencingToken: 6 }),
      journal.append(projectId, fenced, [message('held')], { fencingToken: 7 }),
      journal.append(projectId, expired, [message('late')]),
      journal.append(projectId, deleted, [message('gone')]),
      journal.append(projectId, sessionId, [message('b')]),
    ]);
    expect(codes(settled)).toEqual([
      'ok',
      'SESSION_NOT_FOUND',
      'SESSION_NOT_FOUND',
      'CLAIM_LOST',
      'ok',
      'SESSION_EXPIRED',
      'SESSION_NOT_FOUND',
      'ok',
    ]);
    expect((await all()).map(({ seq, payload }) => [seq, payload])).toEqual([
      [1, { text: 'a' }],
      [2, { text: 'b' }],
    ]);
  });

  test('a token is refused where no claim holds the session', async () => {
    await expect(journal.append(projectId, sessionId, [message('x')], { fencingToken: 1 })).rejects.toMatchObject({
      code: 'CLAIM_LOST',
    });
    await database.transaction((tx) => setFence(tx, projectId, sessionId, 9));
    await journal.append(projectId, sessionId, [message('by an operator, without a claim')]);
    await database.transaction((tx) => setFence(tx, projectId, sessionId, null));
    await expect(journal.append(projectId, sessionId, [message('x')], { fencingToken: 9 })).rejects.toMatchObject({
      code: 'CLAIM_LOST',
    });
  });

  test('SES-065: each transition stores the state that really was, in order inside one batch', async () => {
    await Promise.all([
      journal.append(projectId, sessionId, [transition('broken'), message('x'), transition('coordinating')]),
      journal.append(projectId, sessionId, [
        {
          ...transition('working'),
          stateTransition: { from: 'completed', to: 'working', verifiedBy: 'agent', confidence: 1 },
        },
      ]),
    ]);
    expect(
      (await all()).map(({ stateTransition }) => stateTransition && [stateTransition.from, stateTransition.to]),
    ).toEqual([['working', 'broken'], null, ['broken', 'coordinating'], ['coordinating', 'working']]);
  });

  test('SES-065: completed is left only by reopening; the refused caller writes nothing', async () => {
    const settled = await Promise.allSettled([
      journal.append(projectId, sessionId, [transition('completed')]),
      journal.append(projectId, sessionId, [message('goes along'), transition('completed'), transition('working')]),
      journal.append(projectId, sessionId, [message('no transition')]),
      journal.append(projectId, sessionId, [transition('working', true)]),
      journal.append(projectId, sessionId, [transition('broken')]),
    ]);
    expect(codes(settled)).toEqual(['ok', 'JOURNAL_CODE_STATE_COMPLETED', 'ok', 'ok', 'ok']);
    expect((await all()).map(({ seq, stateTransition }) => [seq, stateTransition?.from, stateTransition?.to])).toEqual([
      [1, 'working', 'completed'],
      [2, undefined, undefined],
      [3, 'completed', 'working'],
      [4, 'working', 'broken'],
    ]);
    expect((await all())[2]?.stateTransition?.reopen).toBe(true);
    expect((await journal.head(projectId, sessionId)).codeState).toBe('broken');
  });

  test('SES-065: the rule holds across batches, and a repeated completing event is no second transition', async () => {
    const completing = { ...transition('completed'), eventId: randomUUID() };
    await journal.append(projectId, sessionId, [completing]);
    await expect(journal.append(projectId, sessionId, [transition('broken')])).rejects.toMatchObject({
      code: 'JOURNAL_CODE_STATE_COMPLETED',
    });
    await journal.append(projectId, sessionId, [transition('working', true)]);
    expect(await journal.append(projectId, sessionId, [completing])).toMatchObject([{ seq: 1, duplicate: true }]);
    expect((await journal.head(projectId, sessionId)).codeState).toBe('working');
  });

  test('SES-093: an event renews the lifetime by the session’s own ttl, unless resetTTL is false', async () => {
    const session = await insertTestSession(database, projectId, {
      ttlSeconds: 120,
      at: new Date(Date.now() - 60_000),
    });
    const left = async () => Date.parse((await journal.head(projectId, session)).expiresAt ?? '') - Date.now();
    await journal.append(projectId, session, [message('x')], { resetTTL: false });
    expect(await left()).toBeLessThan(61_000);
    await journal.append(projectId, session, [message('x')]);
    expect(await left()).toBeGreaterThan(100_000);
    expect(await left()).toBeLessThanOrEqual(120_000);
  });

  test('SES-104: a grace period ends by expiry, and an event before that renews the lifetime', async () => {
    await database.transaction((tx) => setExpiry(tx, projectId, sessionId, new Date(Date.now() + 300_000)));
    await journal.append(projectId, sessionId, [message('alive')]);
    expect((await journal.head(projectId, sessionId)).expiresAt).toBeNull();
    await database.transaction((tx) => setExpiry(tx, projectId, sessionId, new Date(Date.now() - 1)));
    await expect(journal.append(projectId, sessionId, [message('late')])).rejects.toMatchObject({
      code: 'SESSION_EXPIRED',
    });
  });

  test('a payload over 64 KB stands apart, and is found by its digest in its own session only', async () => {
    const payload = { text: 'x'.repeat(70_000) };
    await journal.append(projectId, sessionId, [{ type: 'output', actor: 'ada', payload }, message('small')]);
    await journal.append(projectId, sessionId, [{ type: 'output', actor: 'ada', payload }]);
    const [large, small] = await all();
    expect(large).toMatchObject({ payload: null, payloadBytes: JSON.stringify(payload).length });
    expect(small).toMatchObject({ payload: { text: 'small' }, payloadDigest: null });
    const digest = large?.payloadDigest ?? '';
    expect(await journal.payload(projectId, sessionId, digest)).toEqual(payload);
    expect(await journal.payload(projectId, await insertTestSession(database, projectId), digest)).toBeNull();
    expect(await journal.payload(await insertTestProject(database), sessionId, digest)).toBeNull();
    expect(await journal.payload(projectId, sessionId, 'no digest')).toBeNull();
    expect(await sql('SELECT 1 FROM journal_payloads WHERE session_id = $1', [sessionId])).toHaveLength(1);
  });

  test('refuses what cannot be stored, by name, and stores what merely looks like it', async () => {
    let deep: unknown = 1;
    for (let i = 0; i < 10_000; i += 1) deep = [deep];
    const bad: [AppendEvent[], string][] = [
      [[], 'VALIDATION_FAILED'],
      [[message('a\0b')], 'VALIDATION_FAILED'],
      [[message('half \ud83d pair')], 'VALIDATION_FAILED'],
      [[{ type: 'message', actor: 'a\0b' }], 'VALIDATION_FAILED'],
      [[{ type: 'message', actor: 'ada', payload: { 'k\0': 1 } }], 'VALIDATION_FAILED'],
      [[{ type: 'message', actor: 'ada', payload: deep as string }], 'VALIDATION_FAILED'],
      [[{ type: 'nonsense' as 'message', actor: 'ada' }], 'VALIDATION_FAILED'],
      [[message('x'.repeat(8 * 1024 * 1024))], 'JOURNAL_EVENT_TOO_LARGE'],
    ];
    for (const [events, code] of bad) {
      await expect(journal.append(projectId, sessionId, events)).rejects.toMatchObject({ code });
    }
    const odd = 'a backslash and u0000: \\u0000, \\\\u0000, a whole pair \ud83d\ude00, __proto__';
    await journal.append(projectId, sessionId, [message(odd)]);
    expect((await all()).map(({ payload }) => payload)).toEqual([{ text: odd }]);
  });

  test('secrets do not reach the journal', async () => {
    await journal.append(projectId, sessionId, [
      {
        type: 'tool_call',
        actor: 'ada',
        payload: { apiKey: 'abc', arguments: { header: 'Authorization: Bearer abcdef1234567890' }, totalTokens: 5 },
      },
    ]);
    expect((await all())[0]?.payload).toEqual({
      apiKey: '[redacted]',
      arguments: { header: 'Authorization: Bearer [redacted]' },
      totalTokens: 5,
    });
  });

  test('reads ranges, types, actors and the latest, with true totals', async () => {
    const events: AppendEvent[] = Array.from({ length: 30 }, (_, i) => ({
      type: i % 3 === 0 ? 'output' : 'message',
      actor: i % 2 === 0 ? 'ada' : 'bob',
      payload: i + 1,
    }));
    await journal.append(projectId, sessionId, events);
    const seqs = async (query: Parameters<Journal['read']>[2]) => {
      const { items, total, nextAfterSeq } = await journal.read(projectId, sessionId, query);
      return [items.map(({ seq }) => seq), total, nextAfterSeq];
    };
    expect(await seqs({ afterSeq: 10, limit: 3 })).toEqual([[11, 12, 13], 20, 13]);
    expect(await seqs({ afterSeq: 27 })).toEqual([[28, 29, 30], 3, null]);
    expect(await seqs({ afterSeq: 5, beforeSeq: 9 })).toEqual([[6, 7, 8], 3, null]);
    expect(await seqs({ types: ['output'], limit: 4 })).toEqual([[1, 4, 7, 10], 10, 10]);
    expect(await seqs({ types: ['output'], actor: 'bob', limit: 2, order: 'desc' })).toEqual([[28, 22], 5, null]);
    expect(await seqs({ afterSeq: 30 })).toEqual([[], 0, null]);
    expect((await journal.latest(projectId, sessionId, 3)).map(({ payload }) => payload)).toEqual([28, 29, 30]);
    await expect(journal.read(projectId, randomUUID())).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
    await expect(journal.read(await insertTestProject(database), sessionId)).rejects.toMatchObject({
      code: 'SESSION_NOT_FOUND',
    });
    await expect(journal.read(projectId, sessionId, { limit: 1001 })).rejects.toMatchObject({
      code: 'PAGE_OUT_OF_RANGE',
    });
  });

  test('an append within a transaction commits and rolls back with it', async () => {
    const rolledBack = database.transaction(async (tx) => {
      await appendInTransaction(tx, projectId, sessionId, [message('never')]);
      throw new Error('changed my mind');
    });
    await expect(rolledBack).rejects.toThrow('changed my mind');
    const other = await insertTestSession(database, projectId);
    const receipts = await database.transaction((tx) =>
      appendAllInTransaction(tx, projectId, [
        { sessionId, events: [message('here')] },
        { sessionId: other, events: [message('there')] },
      ]),
    );
    expect(receipts.flat()).toMatchObject([{ seq: 1 }, { seq: 1 }]);
    await expect(
      database.transaction((tx) => appendInTransaction(tx, projectId, randomUUID(), [message('x')])),
    ).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
    await expect(
      database.transaction(() => journal.append(projectId, sessionId, [message('x')])),
    ).rejects.toMatchObject({
      code: 'BATCHED_CALL_IN_TRANSACTION',
    });
    expect((await all()).map(({ payload }) => payload)).toEqual([{ text: 'here' }]);
  });

  test('a batch writes one feed row per project, with the range of each session', async () => {
    const second = await insertTestSession(database, projectId);
    const otherProject = await insertTestProject(database);
    const third = await insertTestSession(database, otherProject);
    await Promise.all([
      journal.append(projectId, sessionId, [message('a'), message('b')]),
      journal.append(projectId, second, [message('c')]),
      journal.append(otherProject, third, [message('d')]),
      journal.append(projectId, sessionId, [message('e')]),
    ]);
    const rows = await sql('SELECT project_id, payload FROM feed_entries WHERE topic = $1 AND project_id = ANY ($2)', [
      'journal',
      [projectId, otherProject],
    ]);
    expect(rows).toHaveLength(2);
    const mine = rows.find((row) => row.project_id === projectId)?.payload as { sessions: { sessionId: string }[] };
    expect(mine.sessions.sort((a, b) => (a.sessionId === sessionId ? -1 : b.sessionId === sessionId ? 1 : 0))).toEqual([
      { sessionId, fromSeq: 1, toSeq: 3 },
      { sessionId: second, fromSeq: 1, toSeq: 1 },
    ]);
  });

  test('events are never changed or removed, and go only with their session', async () => {
    await journal.append(projectId, sessionId, [
      message('x'),
      { type: 'output', actor: 'ada', payload: 'y'.repeat(70_000) },
    ]);
    for (const change of [
      `UPDATE journal_events SET actor = 'mallory' WHERE session_id = $1`,
      `DELETE FROM journal_events WHERE session_id = $1`,
      `DELETE FROM journal_payloads WHERE session_id = $1`,
    ]) {
      await expect(sql(change, [sessionId])).rejects.toMatchObject({ sqlState: 'SB003' });
    }
    await expect(
      sql(
        `INSERT INTO journal_events (session_id, seq, project_id, event_id, type, actor, attempt, occurred_at)
         VALUES ($1, 99, $2, gen_random_uuid(), 'message', 'mallory', 1, now())`,
        [sessionId, projectId],
      ),
    ).rejects.toMatchObject({ constraint: 'fk_journal_events_head' });
    await sql('DELETE FROM sessions WHERE id = $1', [sessionId]);
    expect(await sql('SELECT 1 FROM journal_events WHERE session_id = $1', [sessionId])).toEqual([]);
    expect(await sql('SELECT 1 FROM journal_payloads WHERE session_id = $1', [sessionId])).toEqual([]);
  });
});
