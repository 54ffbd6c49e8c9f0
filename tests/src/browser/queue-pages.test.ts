import { describe, expect, it } from 'vitest';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { expectNoBarriers } from './colour-schemes.ts';
import { expectToFit } from './narrow-screen.ts';
import { makeSampleQueue, type SampleQueue } from './sample-queue.ts';

/** Figures of a second answer. */
const SETTLE_MS = 400;
/** How often the page looks by itself. */
const POLLING_MS = 5_000;

describe.skipIf(chromium === null)('queues in a browser', () => {
  let sample: SampleQueue;
  const suite = browserSuite(async (server) => {
    sample = await makeSampleQueue(server.client());
  });
  const open = async (path: string) => {
    await suite.page.goto(suite.server.url + path);
    await suite.page.locator('[data-connection="live"]').waitFor();
  };
  const dialog = () => suite.page.getByRole('dialog');
  const answer = (name: string) => dialog().getByRole('button', { name, exact: true }).click();

  const views = (): [name: string, path: string, ready: string][] => [
    ['queues', '/queues', 'builds'],
    ['queue', '/queues/builds', 'There is no signing key called release-2026'],
    ['tasks', '/tasks', 'compile'],
    ['task-running', `/tasks/${sample.running}`, '"done": 41'],
    ['task-dead', `/tasks/${sample.dead}`, 'no space left on the device'],
    ['task-waiting', `/tasks/${sample.waiting}`, 'Waits for'],
    ['task-parent', `/tasks/${sample.parent}`, 'Decomposed into'],
    ['dead-letters', '/dead-letters', 'There is no signing key called release-2026'],
    ['schedules', '/schedules', 'nightly-report'],
    ['no-task-fits', '/tasks?type=nosuch', 'No task fits these filters'],
  ];

  it('shows queues, tasks and schedules without barriers, and on a narrow screen too', {
    timeout: 120_000,
  }, async () => {
    await suite.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    for (const [name, path, ready] of views()) {
      await open(path);
      await suite.page.getByText(ready).first().waitFor();
      await suite.page.waitForTimeout(SETTLE_MS);
      await expectNoBarriers(suite.page, name);
      await expectToFit(suite.page, name);
    }
    await open('/queues/builds');
    await suite.page.getByRole('button', { name: 'Drain' }).click();
    await dialog().getByText('QUEUE_DRAINING').waitFor();
    await eventually(() => suite.page.evaluate(() => document.activeElement?.textContent)).toBe('Go back');
    await expectNoBarriers(suite.page, 'drain');
    await answer('Go back');
    await suite.page.getByRole('button', { name: 'Limits…' }).click();
    await dialog().getByLabel('At once', { exact: true }).waitFor();
    await expectNoBarriers(suite.page, 'limits');
    await suite.page.keyboard.press('Escape');
  });

  it('fills and empties a queue on the page as it happens', { timeout: 60_000 }, async () => {
    const client = suite.server.client();
    const page = await suite.page.context().newPage();
    // Without the looks from time to time: what changes here was told by the live connection.
    await page.addInitScript((everyMs) => {
      const setInterval = window.setInterval.bind(window);
      const withoutPolling = (act: () => void, ms?: number) => (ms === everyMs ? 0 : setInterval(act, ms));
      Object.assign(window, { setInterval: withoutPolling });
    }, POLLING_MS);
    await page.goto(`${suite.server.url}/queues`);
    await page.getByText('Live', { exact: true }).waitFor();
    const figure = (name: string) => page.locator(`[data-queue="live"] [data-figure="${name}"]`).textContent();
    await client.tasks.enqueueMany(Array.from({ length: 30 }, () => ({ type: 'tick', queue: 'live', maxAttempts: 1 })));
    await eventually(() => figure('ready')).toBe('30');
    const claims = await client.tasks.claim({ agent: 'worker-2', queues: ['live'], limit: 20 });
    expect(claims).toHaveLength(20);
    await eventually(() => figure('ready')).toBe('10');
    await eventually(() => figure('work')).toBe('20');
    await client.tasks.completeMany(claims.slice(1));
    const [first] = claims;
    if (first === undefined) throw new Error('nothing was claimed');
    await client.tasks.fail(first, { error: { name: 'Derailed', message: 'the last attempt failed' } });
    await eventually(() => figure('work')).toBe('0');
    await eventually(() => figure('dead')).toBe('1');
    await page.locator('[data-queue="live"]').getByText('1 × Derailed: the last attempt failed').waitFor();
    await client.tasks.completeMany(await client.tasks.claim({ agent: 'worker-2', queues: ['live'], limit: 20 }));
    await eventually(() => figure('ready')).toBe('0');
    await page.close();

    // Nodes write what they counted once a second, without an event: 29 of 30 were done.
    await open('/queues');
    const share = suite.page.locator('[data-queue="live"] [data-figure="failed"]');
    await eventually(() => share.textContent()).toBe('3 %');
  });

  it('shows tasks come and go in their list without a reload', async () => {
    const client = suite.server.client();
    await open('/tasks?queue=stream');
    await suite.page.getByText('No task fits these filters').waitFor();
    const { taskId } = await client.tasks.enqueue({ type: 'arrive', queue: 'stream' });
    const row = suite.page.locator(`[data-task="${taskId}"]`);
    await row.getByText('Queued').waitFor();
    const [claim] = await client.tasks.claim({ agent: 'worker-3', queues: ['stream'] });
    if (claim === undefined) throw new Error('nothing was claimed');
    await row.getByText('worker-3').waitFor();
    await client.tasks.complete(claim);
    await row.getByText('Completed').waitFor();
    await suite.page.keyboard.press('j');
    await suite.page.keyboard.press('Enter');
    await suite.page.waitForURL(`**/tasks/${taskId}`);
    await suite.page.getByRole('heading', { level: 1, name: 'arrive' }).waitFor();
  });

  it('pauses and drains after a question, and says it when somebody else was faster', async () => {
    const client = suite.server.client();
    await open('/queues/steered');
    const button = (name: string) => suite.page.getByRole('button', { name, exact: true });
    await button('Drain').click();
    await answer('Go back');
    expect((await client.queues.get('steered')).draining).toBe(false);
    await button('Drain').click();
    await answer('Drain queue');
    await suite.page.getByText('Draining', { exact: true }).waitFor();
    await expect(client.tasks.enqueue({ type: 'late', queue: 'steered' })).rejects.toMatchObject({
      code: 'QUEUE_DRAINING',
    });
    await button('Open').click();
    await suite.page.locator('header').getByText('Open', { exact: true }).first().waitFor();
    await eventually(async () => (await client.queues.get('steered')).draining).toBe(false);

    await button('Pause').click();
    await dialog().waitFor();
    await client.queues.update('steered', (await client.queues.get('steered')).version, { maxConcurrent: 3 });
    suite.expectComplaints(/412/);
    await answer('Pause queue');
    await suite.page.getByText('Pause was refused: It was changed meanwhile').waitFor();
    expect((await client.queues.get('steered')).paused).toBe(false);
    // What the other one set has come to the page.
    await suite.page.getByText('3 at once').waitFor();
  });

  it('sets the limits of a queue, and not over what somebody else set meanwhile', async () => {
    const client = suite.server.client();
    await open('/queues/limited');
    await suite.page.getByRole('button', { name: 'Limits…' }).click();
    await dialog().getByLabel('At once', { exact: true }).fill('4');
    await client.queues.update('limited', 0, { maxConcurrentPerKey: 2 });
    suite.expectComplaints(/412/);
    await dialog().getByRole('button', { name: 'Save limits' }).click();
    await dialog().getByText('It was changed meanwhile').waitFor();
    expect((await client.queues.get('limited')).maxConcurrent).toBeNull();
    await eventually(() => dialog().getByLabel('At once for each key').inputValue()).toBe('2');
    await dialog().getByLabel('At once', { exact: true }).fill('5');
    await dialog().getByRole('button', { name: 'Save limits' }).click();
    await suite.page.getByText('5 at once · 2 for each key').waitFor();
  });

  it('cancels a task after a question, and not without', async () => {
    await open(`/tasks/${sample.cancellable}`);
    const client = suite.server.client();
    const cancel = suite.page.getByRole('button', { name: 'Cancel', exact: true });
    await cancel.click();
    await answer('Go back');
    expect((await client.tasks.get(sample.cancellable)).status).toBe('queued');
    await cancel.click();
    await answer('Cancel task');
    await suite.page.locator('header').getByText('Cancelled', { exact: true }).waitFor();
    expect((await client.tasks.get(sample.cancellable)).status).toBe('cancelled');
    expect(await cancel.count()).toBe(0);
  });

  it('tells the life of a task: attempts, errors, what it waits for, and when it will be done', async () => {
    await open(`/tasks/${sample.dead}`);
    const attempts = suite.page.getByRole('region', { name: 'Attempts' });
    await attempts.getByText('The packager ended with 2').waitFor();
    expect(await attempts.locator('tbody tr').count()).toBe(2);
    await suite.page.getByText('4bf92f3577b34da6a3ce929d0e0e4736').waitFor();
    await suite.page.getByText('It is over.').waitFor();

    await open(`/tasks/${sample.waiting}`);
    await suite.page.getByText('It waits for other tasks').waitFor();
    await suite.page
      .getByRole('region', { name: 'Waits for' })
      .getByRole('link', { name: /bundle/ })
      .click();
    await suite.page.getByRole('region', { name: 'Needed by' }).getByRole('link', { name: /test/ }).waitFor();

    await open(`/tasks/${sample.completed}`);
    await suite.page.getByText('"files": 214').waitFor();
    // Four of its type were measured: the next one can be foretold.
    const client = suite.server.client();
    const { taskId } = await client.tasks.enqueue({ type: 'lint', queue: 'builds' });
    await open(`/tasks/${taskId}`);
    await suite.page.getByText(/from 4 measured attempts/).waitFor();
    await suite.page.getByRole('region', { name: 'Expected' }).getByText('±').first().waitFor();
  });

  it('redrives and discards dead letters, one, several and all of a queue', { timeout: 60_000 }, async () => {
    const client = suite.server.client();
    await open(`/tasks/${sample.dead}`);
    await suite.page.getByRole('button', { name: 'Redrive', exact: true }).click();
    await answer('Redrive task');
    await suite.page.locator('header').getByText('Queued', { exact: true }).waitFor();
    expect(await client.tasks.get(sample.dead)).toMatchObject({ status: 'queued', failures: 0 });

    const ids = await deadTasks(5);
    await open('/dead-letters?queue=doomed');
    const rows = suite.page.locator('[data-task]');
    await eventually(() => rows.count()).toBe(5);
    for (const id of ids.slice(0, 2)) await suite.page.locator(`[data-task="${id}"]`).getByRole('checkbox').check();
    await suite.page.getByRole('toolbar').getByRole('button', { name: 'Redrive' }).click();
    await answer('Redrive 2 tasks');
    await eventually(() => rows.count()).toBe(3);
    const statuses = await Promise.all(ids.map(async (id) => (await client.tasks.get(id)).status));
    // With a single attempt there was nothing to use up: it failed.
    expect(statuses).toEqual(['queued', 'queued', 'failed', 'failed', 'failed']);

    await rows.first().click();
    await suite.page.getByRole('button', { name: 'Discard', exact: true }).click();
    await answer('Discard task');
    await suite.page.waitForURL('**/dead-letters');

    await open('/dead-letters?queue=doomed');
    await eventually(() => rows.count()).toBe(2);
    await suite.page.getByRole('button', { name: 'All dead letters in doomed' }).click();
    await suite.page.getByRole('menuitem', { name: 'Discard all…' }).click();
    await dialog().getByText('2 tasks are deleted for good').waitFor();
    await answer('Discard all');
    await suite.page.getByText('No dead letter fits these filters').waitFor();
    expect((await client.tasks.list({ 'id.in': ids.join(',') })).total).toBe(2);
  });

  it('turns schedules on and off', async () => {
    const client = suite.server.client();
    await open('/schedules');
    const row = suite.page.locator('[data-schedule="weekly-tidy"]');
    await row.getByText('off').waitFor();
    await row.getByRole('switch', { name: 'weekly-tidy is on' }).click({ force: true });
    await row.getByText(/in \d+d|in \d+h/).waitFor();
    const found = (await client.schedules.list()).items.find(({ name }) => name === 'weekly-tidy');
    expect(found?.enabled).toBe(true);
    // Somebody else turns it off: the page follows.
    await client.schedules.update(found?.id ?? '', found?.version ?? 0, { enabled: false });
    await row.getByText('off').waitFor();
  });

  it('says which task is not there, and what the server refuses', async () => {
    suite.expectComplaints(/404|400/);
    await suite.page.goto(`${suite.server.url}/tasks/0190a000-0000-7000-8000-000000000000`);
    await suite.page.getByText('TASK_NOT_FOUND').waitFor();
    await suite.page.getByRole('link', { name: 'All tasks' }).click();
    await suite.page.goto(`${suite.server.url}/tasks?session=nonsense`);
    await suite.page.getByText('VALIDATION_FAILED').waitFor();
    suite.expectComplaints(/404|400/);
  });

  async function deadTasks(count: number): Promise<string[]> {
    const client = suite.server.client();
    const task = { type: 'doom', queue: 'doomed', maxAttempts: 1 };
    const receipts = await client.tasks.enqueueMany(Array.from({ length: count }, () => task));
    const claims = await client.tasks.claim({ agent: 'worker-4', queues: ['doomed'], limit: count });
    for (const claim of claims) await client.tasks.fail(claim, { error: 'on purpose' });
    return receipts.map(({ taskId }) => taskId);
  }
});
