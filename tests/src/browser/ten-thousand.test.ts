import { postgresBackend, type TestDatabase } from '@signalbox/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { started } from './sample-fleet.ts';
import { rowsInView, scrollDown, scrollingText } from './scrolling.ts';
import { insertTenThousandApprovals } from './ten-thousand-approvals.ts';
import { insertTenThousandSessions } from './ten-thousand-sessions.ts';

const SESSIONS = 10_000;
/** Rows that may exist at once: what fits the screen and some around it. */
const ROWS_DRAWN = 80;

describe.skipIf(chromium === null)('a list of ten thousand sessions', () => {
  let opened: TestDatabase | undefined;
  const suite = browserSuite(
    async () => {
      if (opened !== undefined) await insertTenThousandSessions(opened.database);
    },
    {
      databaseUrl: async () => {
        opened = await postgresBackend.open();
        return opened.connectionString;
      },
    },
  );
  afterAll(() => opened?.close());

  it('draws only what is in view and scrolls to any place', { timeout: 120_000 }, async () => {
    await suite.page.goto(`${suite.server.url}/sessions`);
    await suite.page.getByText('10,000 sessions').waitFor();
    const grid = suite.page.getByRole('grid', { name: 'Sessions' });
    await grid.locator('[data-session]').first().waitFor();

    const scrolling = await scrollDown(grid);
    console.log(scrollingText(SESSIONS, scrolling));
    expect(scrolling.drawn).toBeLessThan(ROWS_DRAWN);
    expect(scrolling.frameMs(0.5)).toBeLessThan(170);

    await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await grid.getByRole('row', { name: 'Session 00000' }).waitFor();
    await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
    await grid
      .getByRole('row', { name: /Session 0(49|50)\d\d/ })
      .first()
      .waitFor();
  });

  it('changes rows where they are and does not move them under the reader', { timeout: 60_000 }, async () => {
    const client = suite.server.client();
    const grid = suite.page.getByRole('grid', { name: 'Sessions' });
    await suite.page.goto(`${suite.server.url}/sessions`);
    await suite.page.getByText('Live', { exact: true }).waitFor();
    await grid.locator('[data-session]').first().waitFor();
    await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight / 3));
    const inView = () => rowsInView(grid, 'data-session');
    await eventually(async () => (await inView()).length).toBe(10);
    const before = await inView();
    const [id] = before[3] ?? [];
    if (id === undefined) throw new Error('no row is in view');
    await started(client, { title: 'New while somebody reads further down' });
    await client.sessions.update(id, 1, { title: 'Renamed meanwhile' });
    await grid.locator(`[data-session="${id}"]`).getByText('Renamed meanwhile').waitFor();
    await suite.page.getByRole('button', { name: '1 new' }).waitFor();
    expect(await inView()).toEqual(before);
    await suite.page.getByRole('button', { name: '1 new' }).click();
    await grid.getByRole('row', { name: 'New while somebody reads further down' }).waitFor();
  });

  it('has an inbox of ten thousand approvals that draws what is in view, and takes answers by keys alone', {
    timeout: 120_000,
  }, async () => {
    if (opened === undefined) throw new Error('the database has not been opened');
    await insertTenThousandApprovals(opened.database);
    const client = suite.server.client();
    await suite.page.goto(`${suite.server.url}/approvals`);
    const grid = suite.page.getByRole('grid', { name: 'Approvals' });
    const row = (number: string) => grid.getByRole('row', { name: `bash: rm -rf build/${number}` });
    await row('00000').waitFor();
    await suite.page.getByText('10,000 waiting').waitFor();
    await eventually(() => suite.page.title()).toBe('(10000) Signalbox');

    const scrolling = await scrollDown(grid);
    console.log(scrollingText(SESSIONS, scrolling));
    expect(scrolling.drawn).toBeLessThan(ROWS_DRAWN);
    expect(scrolling.reached).toBeGreaterThan(10_000);
    await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await row('09999').waitFor();

    await grid.evaluate((element) => element.scrollTo(0, 0));
    await row('00000').waitFor();
    await suite.page.keyboard.press('j');
    await suite.page.keyboard.press('r');
    const asking = suite.page.getByRole('dialog', { name: 'Reject this?' });
    await asking.getByLabel('Reason').fill('not now');
    await asking.getByRole('button', { name: 'Reject', exact: true }).click();
    await row('00000').waitFor({ state: 'detached' });
    await suite.page.getByText('9,999 waiting').waitFor();
    expect((await client.approvals.list({ status: 'rejected' })).items).toMatchObject([
      { summary: 'bash: rm -rf build/00000' },
    ]);
  });
});
