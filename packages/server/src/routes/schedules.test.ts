import { loadConfiguration } from '@signalbox/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maintenanceJobs } from '../roles/maintenance-jobs.ts';
import { schedulerJobs } from '../roles/scheduler-jobs.ts';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const call = (method: string, path: string, body?: unknown, version?: number) =>
  api.call(method, `/api/v1${path}`, {
    ...(body === undefined ? {} : { body }),
    ...(version === undefined ? {} : { headers: { 'if-match': `"${version}"` } }),
  });
const sql = (text: string) => api.core.database.query({ name: '', text });

describe('schedules over HTTP', () => {
  it('are made, changed and deleted against a version, and refused with what is wrong', async () => {
    const made = await call('POST', '/schedules', {
      name: 'nightly',
      cron: '30 2 * * *',
      timezone: 'Europe/Berlin',
      task: { type: 'report', payload: { days: 1 } },
    });
    expect([made.status, made.headers.etag]).toEqual([201, '"1"']);
    expect(made.json).toMatchObject({ enabled: true, catchUp: 'skip', overlap: 'allow', task: { queue: 'default' } });
    const { id } = made.json;
    expect((await call('GET', `/schedules/${id}`)).json).toEqual(made.json);
    expect((await call('PATCH', `/schedules/${id}`, { enabled: false })).status).toBe(428);
    const off = await call('PATCH', `/schedules/${id}`, { enabled: false }, 1);
    expect(off.json).toMatchObject({ enabled: false, nextRunAt: null, version: 2 });
    expect((await call('GET', '/schedules')).json).toMatchObject({ total: 1, items: [{ id }] });
    for (const [cron, timezone, code] of [
      ['61 * * * *', 'UTC', 'SCHEDULE_CRON_INVALID'],
      ['0 0 31 2 *', 'UTC', 'SCHEDULE_CRON_INVALID'],
      ['@daily', 'Nowhere', 'SCHEDULE_TIMEZONE_UNKNOWN'],
    ]) {
      const refused = await call('POST', '/schedules', { name: 'other', cron, timezone, task: { type: 'report' } });
      expect([refused.status, refused.json.code]).toEqual([400, code]);
    }
    expect((await call('DELETE', `/schedules/${id}`, undefined, 1)).status).toBe(412);
    expect((await call('DELETE', `/schedules/${id}`, undefined, 2)).status).toBe(204);
    expect((await call('GET', `/schedules/${id}`)).json.code).toBe('SCHEDULE_NOT_FOUND');
  });

  it('fire by the scheduler, and what they made goes by the settings of retention', async () => {
    const cron = '* * * * * *';
    const { id } = (await call('POST', '/schedules', { name: 'each', cron, task: { type: 'tick' } })).json;
    await sql(`UPDATE task_schedules SET next_run_at = date_trunc('second', now()) - interval '1 second'`);
    const fire = schedulerJobs(api.core).find(({ name }) => name === 'fire schedules');
    expect(fire?.everyMs).toBe(1_000);
    await fire?.run();
    const { lastTaskId } = (await call('GET', `/schedules/${id}`)).json;
    expect((await call('GET', `/tasks/${lastTaskId}`)).json).toMatchObject({
      type: 'tick',
      createdBy: 'schedule:each',
    });

    await call('POST', `/tasks/${lastTaskId}/cancel`);
    const old = '01800000-0000-7000-8000-000000000000';
    await sql(`UPDATE tasks SET id = '${old}', finished_at = now() - interval '20 days' WHERE id = '${lastTaskId}'`);
    const retire = async (environment: Record<string, string>) => {
      const { values } = loadConfiguration({ cwd: '/', environment });
      await maintenanceJobs(api.core, api.audit, values)
        .find(({ name }) => name === 'delete old tasks')
        ?.run();
      return (await call('GET', `/tasks/${old}`)).status;
    };
    expect(await retire({ SIGNALBOX_TASKS_RETENTION_DAYS: '30' })).toBe(200);
    expect(await retire({})).toBe(404);
  });
});
