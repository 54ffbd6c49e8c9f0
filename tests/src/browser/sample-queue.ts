import type { Client } from '@signalbox/client';

/** What queues, schedules and agents leave behind, made through the API as agents do; ids of tasks by what they are. */
export interface SampleQueue {
  completed: string;
  running: string;
  dead: string;
  failed: string;
  waiting: string;
  parent: string;
  cancellable: string;
}

const WORKER = 'worker-1';
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

export async function makeSampleQueue(client: Client): Promise<SampleQueue> {
  const queue = 'builds';
  const enqueue = async (type: string, more: object = {}) =>
    (await client.tasks.enqueue({ type, queue, payload: { package: 'parser' }, ...more })).taskId;
  const claim = async (type: string) => {
    const [claimed] = await client.tasks.claim({ agent: WORKER, queues: [queue], types: [type], leaseSeconds: 600 });
    if (claimed === undefined) throw new Error(`no task of type ${type} is ready`);
    return claimed;
  };

  const completed = await enqueue('lint');
  await client.tasks.complete(await claim('lint'), { problems: 0, files: 214 });
  for (let task = 0; task < 3; task++) {
    await enqueue('lint');
    await client.tasks.complete(await claim('lint'), { problems: task });
  }
  const dead = await enqueue('package', { maxAttempts: 2, traceparent: TRACEPARENT });
  for (let attempt = 0; attempt < 2; attempt++) {
    const error = { name: 'ExitCode', message: `The packager ended with ${attempt + 1}: no space left on the device` };
    await client.tasks.fail(await claim('package'), { error, retryable: true, delaySeconds: 0 });
  }
  const failed = await enqueue('sign');
  const unknown = { name: 'KeyUnknown', message: 'There is no signing key called release-2026' };
  await client.tasks.fail(await claim('sign'), { error: unknown, retryable: false });
  const running = await enqueue('compile');
  const claimed = await claim('compile');
  await client.tasks.begin(claimed);
  await client.tasks.progress(claimed, { done: 41, of: 120 });
  const parent = await enqueue('split');
  await client.tasks.decompose(await claim('split'), [
    { type: 'part', queue, payload: { part: 1 } },
    { type: 'part', queue, payload: { part: 2 } },
  ]);
  const cancellable = await enqueue('publish', { priority: 1 });
  const [, waiting] = await client.tasks.enqueueMany([
    { ref: 'build', type: 'bundle', queue },
    { ref: 'test', type: 'test', queue, dependsOn: [{ ref: 'build', onFailure: 'skip' }] },
  ]);
  await enqueue('nightly', { delaySeconds: 7_200 });

  await client.tasks.enqueue({ type: 'report', queue: 'reports' });
  await client.queues.update('reports', 0, { maxConcurrent: 8, rate: { limit: 100, seconds: 60 } });
  await client.queues.pause('reports');
  await client.queues.drain('reports');
  await client.schedules.create({
    name: 'nightly-report',
    cron: '30 2 * * 1-5',
    timezone: 'Europe/Berlin',
    task: { type: 'report', queue: 'reports' },
    overlap: 'skip',
  });
  await client.schedules.create({ name: 'weekly-tidy', cron: '0 4 * * 0', task: { type: 'tidy' }, enabled: false });
  return { completed, running, dead, failed, waiting: waiting?.taskId ?? '', parent, cancellable };
}
