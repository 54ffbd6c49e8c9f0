import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi({ environment: { SIGNALBOX_JOURNAL_BODY_LIMIT: '100000' } });
});
afterAll(() => api?.close());

const bytes = (data: string | Buffer, type = 'json') => ({ type, base64: Buffer.from(data).toString('base64') });
const checkpoint = (checkpointId: string, changes: Record<string, unknown> = {}) => ({
  checkpointId,
  versions: {},
  body: bytes('{"v":4}'),
  metadata: bytes('{"source":"loop"}'),
  values: [],
  ...changes,
});
const save = (thread: string, body: unknown) => api.call('POST', `/api/v1/threads/${thread}/checkpoints`, { body });

describe('threads over HTTP', () => {
  it('gives checkpoints back to the byte, whatever they are, and says where there is none', async () => {
    const binary = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
    const values = [{ channel: 'a', version: 1.5, value: bytes(binary, 'bytes') }];
    expect((await save('t%2F1', checkpoint('1', { versions: { a: 1.5, b: 'x' }, values }))).status).toBe(204);
    const writes = [{ idx: 0, channel: 'a', value: bytes('"w"') }];
    const written = await api.call('POST', '/api/v1/threads/t%2F1/writes', {
      body: { checkpointId: '1', taskId: 'task', writes },
    });
    expect(written.status).toBe(204);
    const loaded = await api.call('GET', '/api/v1/threads/t%2F1/checkpoint');
    expect(loaded.json).toMatchObject({
      threadId: 't/1',
      namespace: '',
      checkpointId: '1',
      parentId: null,
      versions: { a: 1.5, b: 'x' },
      body: bytes('{"v":4}'),
      values: [{ channel: 'a', value: bytes(binary, 'bytes') }],
      writes: [{ taskId: 'task', taskPath: '', idx: 0, channel: 'a', value: bytes('"w"') }],
    });
    const none = await api.call('GET', '/api/v1/threads/t%2F1/checkpoint?namespace=child');
    expect([none.status, none.json.code]).toEqual([404, 'THREAD_CHECKPOINT_NOT_FOUND']);
  });

  it('lists threads and checkpoints, page by page and by metadata', async () => {
    for (const id of ['1', '2', '3']) await save('listed', checkpoint(id, { metadata: bytes(`{"step":${id}}`) }));
    expect((await api.call('GET', '/api/v1/threads/listed')).json).toMatchObject({
      threadId: 'listed',
      checkpoints: 3,
    });
    const threads = await api.call('GET', '/api/v1/threads?after=lis&limit=1');
    expect(threads.json).toMatchObject({ items: [{ threadId: 'listed' }], nextAfter: 'listed' });
    const first = await api.call('GET', '/api/v1/thread-checkpoints?threadId=listed&limit=2');
    const rest = await api.call('GET', `/api/v1/thread-checkpoints?threadId=listed&cursor=${first.json.nextCursor}`);
    const ids = [...first.json.items, ...rest.json.items].map((item: { checkpointId: string }) => item.checkpointId);
    expect([ids, rest.json.nextCursor]).toEqual([['3', '2', '1'], null]);
    const found = await api.call('GET', `/api/v1/thread-checkpoints?metadata=${encodeURIComponent('{"step":2}')}`);
    expect(found.json.items).toMatchObject([{ checkpointId: '2' }]);
    expect((await api.call('GET', '/api/v1/thread-checkpoints?metadata=%7B')).status).toBe(400);
    expect((await api.call('GET', '/api/v1/thread-checkpoints?metadata=3')).status).toBe(400);
    expect((await api.call('GET', '/api/v1/thread-checkpoints?unknown=3')).json.code).toBe('UNKNOWN_FIELD');
  });

  it('prunes and deletes, and answers the same when it is done again', async () => {
    for (const id of ['1', '2', '3']) await save('pruned', checkpoint(id));
    const pruned = await api.call('POST', '/api/v1/threads/prune', { body: { threadId: 'pruned', keepLast: 1 } });
    expect(pruned.json).toEqual({ threads: 1, checkpoints: 2, values: 0 });
    expect((await api.call('DELETE', '/api/v1/threads/pruned')).status).toBe(204);
    expect((await api.call('DELETE', '/api/v1/threads/pruned')).status).toBe(204);
    expect((await api.call('GET', '/api/v1/threads/pruned')).json.code).toBe('THREAD_NOT_FOUND');
  });

  it('refuses what is not base64, what it does not know, and what is too large', async () => {
    const odd = checkpoint('1', { body: { type: 'json', base64: 'not base64!' } });
    expect((await save('t', odd)).json.code).toBe('VALIDATION_FAILED');
    expect((await save('t', checkpoint('1', { extra: 1 }))).json.code).toBe('UNKNOWN_FIELD');
    expect((await save('t', checkpoint('1', { body: bytes('x'.repeat(100_000)) }))).status).toBe(413);
    expect((await save('x'.repeat(201), checkpoint('1'))).json.code).toBe('VALIDATION_FAILED');
    await save(
      'taken',
      checkpoint('1', { versions: { a: 1 }, values: [{ channel: 'a', version: 1, value: bytes('1') }] }),
    );
    const taken = await save('taken', checkpoint('1', { values: [{ channel: 'a', version: 1, value: bytes('2') }] }));
    expect([taken.status, taken.json.code]).toEqual([409, 'THREAD_VERSION_TAKEN']);
  });
});
