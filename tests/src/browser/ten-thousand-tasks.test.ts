import { postgresBackend, type TestDatabase } from '@signalbox/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { keepScreenshot } from './screenshots.ts';
import { rowsInView, scrollDown, scrollingText } from './scrolling.ts';

const TASKS = 10_000;
/** What one call takes. */
const BATCH = 5_000;
/** Rows that may exist at once: what fits the screen and some around it. */
const ROWS_DRAWN = 80;

describe.skipIf(chromium === null)('a list of ten thousand tasks', () => {
  let opened: TestDatabase | undefined;
  const suite = browserSuite(
    async (server) => {
      const tasks = Array.from({ length: TASKS }, (_, index) => ({ type: 'haul', payload: { index } }));
      for (let from = 0; from < TASKS; from += BATCH) {
        await server.client().tasks.enqueueMany(tasks.slice(from, from + BATCH));
      }
    },
    {
      databaseUrl: async () => {
        opened = await postgresBackend.open();
        return opened.connectionString;
      },
    },
  );
  afterAll(() => opened?.close());
  const openList = async () => {
    await suite.page.goto(`${suite.server.url}/tasks`);
    await suite.page.getByText('Live', { exact: true }).waitFor();
    const grid = suite.page.getByRole('grid', { name: 'Tasks' });
    await grid.locator('[data-task]').first().waitFor();
    return grid;
  };

  it('draws only the tasks in view and scrolls to the last one', { timeout: 120_000 }, async () => {
    const grid = await openList();
    await suite.page.getByText('10,000 tasks').waitFor();
    const scrolling = await scrollDown(grid);
    console.log(scrollingText(TASKS, scrolling));
    expect(scrolling.drawn).toBeLessThan(ROWS_DRAWN);
    expect(scrolling.frameMs(0.5)).toBeLessThan(170);
    await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await grid.locator(`[aria-rowindex="${TASKS + 1}"][data-task]`).waitFor();
    await keepScreenshot(suite.page, 'ten-thousand-tasks');
  });

  it('writes tasks where they stand and does not move them under the reader', { timeout: 60_000 }, async () => {
    const client = suite.server.client();
    const grid = await openList();
    await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight / 3));
    const inView = () => rowsInView(grid, 'data-task');
    await eventually(async () => (await inView()).length).toBe(10);
    const before = await inView();
    const [id] = before[3] ?? [];
    if (id === undefined) throw new Error('no row is in view');
    await client.tasks.cancel(id);
    await client.tasks.enqueue({ type: 'newcomer' });
    await grid.locator(`[data-task="${id}"]`).getByText('Cancelled').waitFor();
    await suite.page.getByRole('button', { name: '1 more' }).waitFor();
    expect(await inView()).toEqual(before);
    await suite.page.getByRole('button', { name: '1 more' }).click();
    await grid.getByRole('row', { name: /newcomer/ }).waitFor();
  });

  it('says `at least` where counting stopped, and is exact below', { timeout: 60_000 }, async () => {
    const client = suite.server.client();
    const more = Array.from({ length: 2_000 }, () => ({ type: 'haul', queue: 'few' }));
    await client.tasks.enqueueMany([...more, ...more.map((task) => ({ ...task, queue: 'default' }))]);
    await suite.page.goto(`${suite.server.url}/queues`);
    const ready = (name: string) => suite.page.locator(`[data-queue="${name}"] [data-figure="ready"]`).textContent();
    await eventually(() => ready('few')).toBe('2,000');
    await eventually(() => ready('default')).toBe('at least 10,000');
  });
});
