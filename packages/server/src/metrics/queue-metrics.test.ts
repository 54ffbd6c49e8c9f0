import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';
import { observeCore } from './core-readings.ts';
import { Metrics } from './metrics.ts';
import { countTasks } from './queue-metrics.ts';

let api: ApiHarness;
let projectId: string;
beforeAll(async () => {
  api = await openApi();
  projectId = (await api.core.projects.list(1, 1)).items[0]?.id ?? '';
});
afterAll(() => api.close());

describe('metrics of queues', () => {
  it('tell what is ready, how old it is, and what happened, with a bounded number of names', async () => {
    const metrics = new Metrics();
    countTasks(metrics.registry, api.core.tasks);
    observeCore(metrics, api.core, () => 0);
    const { tasks } = api.core;
    await Promise.all(Array.from({ length: 5 }, () => tasks.enqueue(projectId, { type: 'work', queue: 'builds' })));
    const [done, failed] = await tasks.claim(projectId, {
      agent: 'a',
      queues: ['builds'],
      types: null,
      able: [],
      limit: 2,
      leaseSeconds: 30,
    });
    if (!done || !failed) throw new Error('nothing to claim');
    await tasks.complete(done);
    await tasks.fail(failed, { name: 'E', message: '', retryable: false });
    await Promise.all(
      Array.from({ length: 120 }, (_, n) => tasks.enqueue(projectId, { type: 'work', queue: `q${n}` })),
    );
    const text = await metrics.registry.metrics();
    expect(text).toContain('signalbox_tasks_total{queue="builds",kind="enqueued"} 5');
    expect(text).toContain('signalbox_tasks_total{queue="builds",kind="claimed"} 2');
    expect(text).toContain('signalbox_tasks_total{queue="builds",kind="completed"} 1');
    expect(text).toContain('signalbox_tasks_total{queue="builds",kind="failed"} 1');
    expect(text).toMatch(/signalbox_task_attempt_seconds_total\{queue="builds",kind="completed"\} 0\.\d+/);
    expect(text).toContain('signalbox_tasks_total{queue="others",kind="enqueued"} 21');
    expect(text).toContain('signalbox_queue_ready{project="default",queue="builds"} 3');
    expect(text).toMatch(/signalbox_queue_oldest_ready_seconds\{project="default",queue="builds"\} \d/);
    expect(text.match(/^signalbox_queue_ready\{/gm)).toHaveLength(100);
  });
});
