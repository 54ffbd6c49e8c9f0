import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.call(method, `/api/v1${path}`, { ...(body === undefined ? {} : { body }), headers });
const ended = async (id: string) => {
  const over = async () => (await call('GET', `/rollback/operations/${id}`)).json;
  await expect.poll(async () => (await over()).completedAt, { timeout: 25_000 }).not.toBeNull();
  return over();
};
const limit = async (maxConcurrent: number) => {
  const { version } = (await call('GET', '/queues/builds')).json;
  return call('PATCH', '/queues/builds', { maxConcurrent }, { 'if-match': `"${version}"` });
};

describe('rollback over HTTP', () => {
  it('refuses to capture what there is not, as something that the caller can leave out', async () => {
    const refused = await call('POST', '/rollback/points', { name: 'of nobody', capture: ['session_state'] });
    expect(refused.json).toMatchObject({
      status: 404,
      code: 'SNAPSHOT_CAPTURE_FAILED',
      causedBy: 'SESSION_NOT_FOUND',
    });
    expect(refused.status).toBe(404);
  });

  it('goes back to how the project was set up, and forth again', async () => {
    await limit(3);
    const made = await call('POST', '/rollback/points', { name: 'three builds' });
    const captured = ['entity', 'relationship', 'configuration'];
    expect([made.status, made.headers.etag, made.json.captured]).toEqual([201, '"1"', captured]);
    const point = `/rollback/points/${made.json.id}`;
    expect((await call('GET', point)).json).toEqual(made.json);
    const snapshots = (await call('GET', `${point}/snapshots`)).json;
    expect(snapshots.total).toBe(3);
    expect(snapshots.items.map(({ type }: { type: string }) => type).sort()).toEqual(captured.toSorted());

    await limit(9);
    expect((await call('GET', `${point}/diff`)).json.changes).toMatchObject([
      {
        path: 'config:queue:builds',
        operation: 'update',
        oldValue: { maxConcurrent: 9 },
        newValue: { maxConcurrent: 3 },
      },
    ]);
    expect((await call('POST', `${point}/preview`, { strategy: 'safe' })).json).toMatchObject({
      totalChanges: 1,
      affectedItems: { configuration: ['config:queue:builds'] },
      potentialConflicts: [],
    });
    const started = await call('POST', `${point}/operations`, { strategy: 'safe' });
    expect([started.status, started.json.status]).toEqual([201, 'pending']);
    const done = await ended(started.json.id);
    expect(done).toMatchObject({ status: 'completed', progress: 100, strategy: 'safe', result: { appliedChanges: 1 } });
    expect((await call('GET', '/queues/builds')).json.maxConcurrent).toBe(3);

    const undone = await ended((await call('POST', `/rollback/operations/${done.id}/undo`, {})).json.id);
    expect(undone.status).toBe('completed');
    expect((await call('GET', '/queues/builds')).json.maxConcurrent).toBe(9);
    expect((await call('GET', '/rollback/operations?status=completed&sortBy=startedAt')).json.total).toBe(2);
    const metrics = (await call('GET', '/rollback/metrics')).json;
    expect(metrics).toMatchObject({ successfulRollbacks: 2, failedRollbacks: 0 });
    expect(metrics.operations.map(({ averageTime: _, ...each }: { averageTime: number }) => each)).toEqual([
      { strategy: 'immediate', status: 'completed', count: 1 },
      { strategy: 'safe', status: 'completed', count: 1 },
    ]);
    const took = Date.parse(done.completedAt) - Date.parse(done.startedAt);
    expect(metrics.operations[1].averageTime).toBeCloseTo(took, 3);
    expect(metrics.retention).toMatchObject({ maxPoints: 50, defaultTtl: 86_400_000, keepOperations: 86_400_000 });

    expect((await call('DELETE', point)).status).toBe(428);
    expect((await call('DELETE', point, undefined, { 'if-match': '"2"' })).status).toBe(412);
    expect((await call('DELETE', point, undefined, { 'if-match': '"1"' })).status).toBe(204);
    expect((await call('GET', point)).json.code).toBe('ROLLBACK_NOT_FOUND');
    expect((await call('GET', `/rollback/operations/${done.id}`)).json.targetRollbackPointName).toBe('three builds');
  });

  it('tells what is in the files that a point holds', async () => {
    const path = mkdtempSync(join(tmpdir(), 'signalbox-point-'));
    writeFileSync(join(path, 'kept.txt'), 'as it was\n');
    writeFileSync(join(path, 'picture.bin'), Buffer.from([1, 0, 2]));
    const workspaceId = (await call('POST', '/workspaces', { path })).json.id;
    const { id } = (await call('POST', '/rollback/points', { name: 'files', workspaceId })).json;
    writeFileSync(join(path, 'kept.txt'), 'as it is\n');
    const file = (name: string) => call('GET', `/rollback/points/${id}/files/content?path=${name}`);
    expect((await file('kept.txt')).json).toMatchObject({ text: 'as it was\n', size: 10, binary: false });
    expect((await file('picture.bin')).json).toMatchObject({ text: null, size: 3, binary: true });
    expect((await file('other.txt')).json.code).toBe('FILE_NOT_FOUND');
    const bare = (await call('POST', '/rollback/points', { name: 'no files' })).json.id;
    expect((await call('GET', `/rollback/points/${bare}/files/content?path=kept.txt`)).status).toBe(404);
    rmSync(path, { recursive: true });
  });

  it('refuses what it does not understand', async () => {
    const { id } = (await call('POST', '/rollback/points', { name: 'any' })).json;
    const refusal = async (body: object) => (await call('POST', `/rollback/points/${id}/operations`, body)).json.code;
    expect(await refusal({ strategy: 'clever' })).toBe('VALIDATION_FAILED');
    expect(await refusal({ type: 'partial', strategy: 'safe' })).toBe('VALIDATION_FAILED');
    expect(await refusal({ colour: 'red' })).toBe('UNKNOWN_FIELD');
    expect((await call('POST', '/rollback/points', { name: ' ' })).status).toBe(400);
    expect((await call('GET', '/rollback/operations?colour=red')).json.code).toBe('UNKNOWN_FILTER');
    expect((await call('GET', '/rollback/operations?sort=startedAt')).json.detail).toMatch(
      /^There is no filter "sort" here\. To sort, give `sortBy` and `sortOrder` \(asc or desc\)\. Known fields: id, /,
    );
    const unknown = '01800000-0000-7000-8000-000000000000';
    expect((await call('GET', `/rollback/points/${unknown}`)).status).toBe(404);
    expect((await call('POST', `/rollback/operations/${unknown}/cancel`)).json.code).toBe('OPERATION_NOT_FOUND');
  });

  it('keeps what happened around the points of a session', async () => {
    const session = (await call('POST', '/sessions', { title: 'Before any change', initialPrompt: 'do it' })).json;
    const point = (await call('POST', '/rollback/points', { name: 'mine', sessionId: session.id })).json;
    expect(point.captured).toEqual(['entity', 'relationship', 'session_state', 'configuration']);
    await call(
      'PATCH',
      `/sessions/${session.id}`,
      { title: 'After it', tags: ['new'] },
      { 'if-match': `"${session.version}"` },
    );
    const { id } = (await call('POST', `/rollback/points/${point.id}/operations`, {})).json;
    expect((await ended(id)).status).toBe('completed');
    const after = (await call('GET', `/sessions/${session.id}`)).json;
    expect(after).toMatchObject({ title: 'Before any change', tags: [] });
    await expect
      .poll(async () => (await call('GET', `/sessions/${session.id}`)).json.metadata.lastRollback, { timeout: 25_000 })
      .toMatchObject({ rollbackPointId: point.id, operationId: id, success: true });
    expect((await call('GET', `/rollback/points/${point.id}/diff`)).json.changeCount).toBe(0);
    const history = (await call('GET', `/sessions/${session.id}/rollback-history`)).json;
    expect([history.rollbackPoints.length, history.operations.length]).toEqual([1, 1]);
    const audit = (await call('GET', `/audit?subjectId=${id}`)).json.items;
    expect(audit.map((event: { action: string }) => event.action).sort()).toEqual([
      'rollback.complete',
      'rollback.start',
    ]);
  });
});
