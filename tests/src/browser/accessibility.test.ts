import { describe, expect, it } from 'vitest';
import { browserSuite, chromium } from './browser-suite.ts';
import { expectNoBarriers } from './colour-schemes.ts';
import { expectToFit } from './narrow-screen.ts';
import { makeSampleFleet, type SampleFleet } from './sample-fleet.ts';

/** What is drawn last: charts, counts that come with a second answer. */
const SETTLE_MS = 400;

describe.skipIf(chromium === null)('the dashboard for everybody', () => {
  let fleet: SampleFleet;
  const suite = browserSuite(async (server) => {
    fleet = await makeSampleFleet(server.client());
  });

  /** Every view, and what has to be there before it is looked at. */
  const views = (): [name: string, path: string, ready: string][] => [
    ['overview', '/', 'Finished per hour'],
    ['sessions', '/sessions', fleet.rich.title],
    ['session', `/sessions/${fleet.rich.id}`, 'npm test ended with 1'],
    ['files', `/sessions/${fleet.rich.id}?tab=files`, 'return Math.round(sum);'],
    ['checkpoints', `/sessions/${fleet.rich.id}?tab=checkpoints`, 'Checkpoint 1'],
    ['tree', `/sessions/${fleet.rich.id}?tab=tree`, fleet.child.title],
    ['details', `/sessions/${fleet.rich.id}?tab=details`, 'How it runs'],
    ['failed-session', `/sessions/${fleet.failed.id}`, 'Retry'],
    ['filtered', '/sessions?status=running,failed&priority=2', fleet.rich.title],
    ['nothing-fits', '/sessions?q=nosuchword', 'No session fits these filters'],
    ['workspaces', '/workspaces', 'No workspaces yet'],
    ['audit', '/audit', 'session.create'],
    ['system', '/system', 'Runtimes'],
  ];

  it('has no barriers in light and in dark colours, and fits a narrow screen', { timeout: 120_000 }, async () => {
    await suite.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    for (const [name, path, ready] of views()) {
      await suite.page.goto(suite.server.url + path);
      await suite.page.getByText(ready).first().waitFor();
      await suite.page.getByText('Live', { exact: true }).waitFor();
      await suite.page.waitForTimeout(SETTLE_MS);
      await expectNoBarriers(suite.page, name);
      await expectToFit(suite.page, name);
    }
  });

  it('has dialogs without barriers in light and in dark colours', { timeout: 60_000 }, async () => {
    await suite.page.goto(`${suite.server.url}/sessions/${fleet.running.id}`);
    await suite.page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await suite.page.getByRole('dialog').waitFor();
    // The safe answer has the focus.
    await expect.poll(() => suite.page.evaluate(() => document.activeElement?.textContent)).toBe('Go back');
    await expectNoBarriers(suite.page, 'confirmation');
    await suite.page.keyboard.press('Escape');
    await suite.page.getByRole('dialog').waitFor({ state: 'hidden' });

    await suite.page.keyboard.press('n');
    await suite.page.getByRole('dialog', { name: 'New session' }).getByLabel('Title').waitFor();
    await expectNoBarriers(suite.page, 'new-session');
    await suite.page.keyboard.press('Escape');
    await suite.page.getByRole('dialog').waitFor({ state: 'hidden' });

    await suite.page.keyboard.press('Control+k');
    await suite.page.getByRole('textbox', { name: /Search for views/ }).fill('rounding');
    await suite.page.getByRole('button', { name: fleet.rich.title }).waitFor();
    await expectNoBarriers(suite.page, 'palette');
  });

  it('keeps to the colours somebody chose, also before the first paint of the next visit', async () => {
    await suite.page.emulateMedia({ colorScheme: 'light' });
    await suite.page.goto(suite.server.url);
    const scheme = () => suite.page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
    expect(await scheme()).toBe('light');
    await suite.page.getByRole('radio', { name: 'Dark' }).click();
    await expect.poll(scheme).toBe('dark');
    // Without the application: what the small script in front of it does.
    await suite.page.route('**/assets/*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
    await suite.page.reload({ waitUntil: 'domcontentloaded' });
    expect(await scheme()).toBe('dark');
    await suite.page.unroute('**/assets/*.js');
    await suite.page.goto(suite.server.url);
    await suite.page.getByRole('radio', { name: 'As the system' }).click();
    await expect.poll(scheme).toBe('light');
  });
});
