import { loadConfiguration } from '@signalbox/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maintenanceJobs } from '../roles/maintenance-jobs.ts';
import { schedulerJobs } from '../roles/scheduler-jobs.ts';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

const { retention: RETENTION, tasks: TASKS } = loadConfiguration({ cwd: '/', environment: {} }).values;
let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const call = (method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1${path}`, body === undefined ? {} : { body });
const newSession = async () => {
  const made = await call('POST', '/sessions', { title: `Work ${Math.random()}`, initialPrompt: 'x', createdBy: 'a' });
  return String(made.json.id);
};
const work = (count: number, entityId = 'e1') => ({
  events: Array.from({ length: count }, (_, n) => ({
    type: 'modified',
    actor: 'a',
    changeInfo: { elementType: 'function', entityIds: [entityId], operation: 'modified' },
    payload: { n },
  })),
});

describe('replay over HTTP', () => {
  it('tells the state at any event, and refuses events that are not there', async () => {
    const id = await newSession();
    await call('POST', `/sessions/${id}/journal`, work(3));
    await call('POST', `/sessions/${id}/checkpoints`, { data: { step: 1 } });
    await call('POST', `/sessions/${id}/join`, { agent: 'b' });
    const now = await call('GET', `/sessions/${id}/state`);
    expect(now.json).toMatchObject({ seq: 4, eventCount: 4, agentIds: ['a', 'b'], currentCheckpoint: { sequence: 1 } });
    const then = await call('GET', `/sessions/${id}/state?seq=2`);
    expect(then.json).toMatchObject({ seq: 2, agentIds: ['a'], currentCheckpoint: null });
    const never = await call('GET', `/sessions/${id}/state?seq=5`);
    expect([never.status, never.json.code]).toEqual([404, 'JOURNAL_SEQ_UNKNOWN']);
    expect((await call('GET', `/sessions/${id}/state?at=5`)).json.code).toBe('UNKNOWN_FIELD');
  });

  it('records, stops, lists, filters, plays, compares, exports, imports, checks and deletes', async () => {
    const id = await newSession();
    const started = await call('POST', `/sessions/${id}/recordings`, { title: 'The change' });
    expect([started.status, started.json.status]).toEqual([201, 'recording']);
    expect((await call('POST', `/sessions/${id}/recordings`, {})).json.code).toBe('RECORDING_ACTIVE');
    await call('POST', `/sessions/${id}/journal`, work(5));
    const recording = `/recordings/${started.json.id}`;
    const stopped = await call('POST', `${recording}/stop`);
    expect(stopped.json).toMatchObject({ status: 'completed', eventFrames: 5, validation: 'passed' });
    expect((await call('GET', `/recordings?sessionId=${id}`)).json).toMatchObject({ total: 1 });
    expect((await call('GET', '/recordings/statistics')).json.totalFrames).toBeGreaterThanOrEqual(6);
    const some = await call('GET', `${recording}/frames?fromSeq=3&toSeq=4&types=modified&actors=a`);
    expect(some.json.items.map((frame: { seq: number }) => frame.seq)).toEqual([0, 3, 4]);
    expect((await call('GET', `${recording}/state?seq=2`)).json).toMatchObject({ eventCount: 2 });

    const played = await call('GET', `${recording}/play?speed=0&includeSnapshots=false`);
    const lines = played.text.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual([1, 2, 3, 4, 5]);
    expect((await call('GET', `${recording}/play?speed=-1`)).status).toBe(400);

    expect((await call('GET', `${recording}/difference?sessionId=${id}`)).json).toMatchObject({ equal: true });
    await call('POST', `/sessions/${id}/journal`, work(1));
    const differs = await call('GET', `${recording}/difference?sessionId=${id}`);
    expect(differs.json).toMatchObject({ equal: false, left: null, right: { seq: 6 }, fields: [] });
    expect((await call('GET', `${recording}/difference`)).status).toBe(400);

    const document = (await call('GET', `${recording}/export`)).json;
    const imported = await call('POST', '/recordings/import', document);
    expect([imported.status, imported.json.reason, imported.json.validation]).toEqual([201, 'imported', 'passed']);
    document.frames[2].frame.event.actor = 'somebody';
    expect((await call('POST', '/recordings/import', document)).json.code).toBe('RECORDING_INVALID');
    expect((await call('POST', `${recording}/validate`)).json.findings).toEqual([]);
    expect((await call('DELETE', recording)).status).toBe(204);
    expect((await call('GET', recording)).json.code).toBe('RECORDING_NOT_FOUND');
    const made = await call('POST', `/sessions/${id}/recordings/from-journal`, { fromSeq: 2, toSeq: 4 });
    expect(made.json).toMatchObject({ reason: 'made', baseSeq: 1, lastSeq: 4, eventFrames: 3 });
  });

  it('checkpoints come by the scheduler, leave anchors and failure snapshots, and old recordings go by maintenance', async () => {
    const id = await newSession();
    await call('POST', `/sessions/${id}/journal`, work(10, 'anchored'));
    await schedulerJobs(api.core)
      .find(({ name }) => name === 'take checkpoints that are due')
      ?.run();
    const { items } = (await call('GET', `/sessions/${id}/checkpoints`)).json;
    expect(items).toMatchObject([{ sequence: 1, journalSeq: 10, reason: 'interval', refEntities: ['anchored'] }]);
    expect((await call('GET', '/anchors?entityId=anchored')).json).toMatchObject({
      total: 1,
      items: [{ sessionId: id }],
    });
    await call('POST', `/sessions/${id}/checkpoints`, { data: {}, includeFailureSnapshot: true });
    const failures = await call('GET', `/failure-snapshots?sessionId=${id}`);
    expect(failures.json).toMatchObject({ total: 1, items: [{ sequence: 2, journalSeq: 10 }] });
    expect((await call('GET', `/failure-snapshots/${failures.json.items[0].id}`)).json.sessionId).toBe(id);
    expect((await call('GET', '/checkpoints/statistics')).json.failureSnapshots).toBe(1);

    const made = await call('POST', `/sessions/${id}/recordings/from-journal`, {});
    await api.core.database.query({
      name: '',
      text: `UPDATE recordings SET started_at = started_at - interval '40 days', ended_at = ended_at - interval '40 days'`,
    });
    const jobs = maintenanceJobs(api.core, api.audit, { retention: RETENTION, tasks: TASKS });
    await jobs.find(({ name }) => name === 'delete old recordings')?.run();
    expect((await call('GET', `/recordings/${made.json.id}`)).status).toBe(404);
  });
});
