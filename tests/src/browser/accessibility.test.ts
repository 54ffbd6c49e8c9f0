import { describe, expect, it } from 'vitest';
import { browserSuite, chromium } from './browser-suite.ts';
import { auditPage } from './page-audit.ts';
import { makeSampleFleet, type SampleFleet } from './sample-fleet.ts';
import { keepScreenshot } from './screenshots.ts';

/** What is drawn last: charts, counts that come with a second answer. */
const SETTLE_MS = 400;
const SCHEMES = ['light', 'dark'] as const;

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

  for (const scheme of SCHEMES) {
    it(`has no barriers in ${scheme} colours`, { timeout: 120_000 }, async () => {
      await suite.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      for (const [name, path, ready] of views()) {
        await suite.page.goto(suite.server.url + path);
        await suite.page.getByText(ready).first().waitFor();
        await suite.page.getByText('Live', { exact: true }).waitFor();
        await suite.page.waitForTimeout(SETTLE_MS);
        await keepScreenshot(suite.page, `${name}-${scheme}`);
        expect(await auditPage(suite.page), `${name} in ${scheme}`).toEqual([]);
      }
    });

    it(`has dialogs without barriers in ${scheme} colours`, { timeout: 60_000 }, async () => {
      await suite.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await suite.page.goto(`${suite.server.url}/sessions/${fleet.running.id}`);
      await suite.page.getByRole('button', { name: 'Cancel', exact: true }).click();
      await suite.page.getByRole('dialog').waitFor();
      // The safe answer has the focus.
      await expect.poll(() => suite.page.evaluate(() => document.activeElement?.textContent)).toBe('Go back');
      await keepScreenshot(suite.page, `confirmation-${scheme}`);
      expect(await auditPage(suite.page), `confirmation in ${scheme}`).toEqual([]);
      await suite.page.keyboard.press('Escape');
      await suite.page.getByRole('dialog').waitFor({ state: 'hidden' });

      await suite.page.keyboard.press('n');
      await suite.page.getByRole('dialog', { name: 'New session' }).getByLabel('Title').waitFor();
      await keepScreenshot(suite.page, `new-session-${scheme}`);
      expect(await auditPage(suite.page), `new session in ${scheme}`).toEqual([]);
      await suite.page.keyboard.press('Escape');
      await suite.page.getByRole('dialog').waitFor({ state: 'hidden' });

      await suite.page.keyboard.press('Control+k');
      await suite.page.getByRole('textbox', { name: /Search for views/ }).fill('rounding');
      await suite.page.getByRole('button', { name: fleet.rich.title }).waitFor();
      await keepScreenshot(suite.page, `palette-${scheme}`);
      expect(await auditPage(suite.page), `palette in ${scheme}`).toEqual([]);
    });
  }

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

  it('can be used on a narrow screen', async () => {
    await suite.page.setViewportSize({ width: 760, height: 900 });
    await suite.page.emulateMedia({ colorScheme: 'light' });
    for (const [name, path, ready] of views().slice(0, 3)) {
      await suite.page.goto(suite.server.url + path);
      await suite.page.getByText(ready).first().waitFor();
      await keepScreenshot(suite.page, `narrow-${name}`);
      const width = await suite.page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, `${name} is wider than the screen`).toBeLessThanOrEqual(760);
    }
    await suite.page.setViewportSize({ width: 1440, height: 900 });
  });
});
