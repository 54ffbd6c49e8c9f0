import { afterAll, describe, expect, it } from 'vitest';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { expectNoBarriers } from './colour-schemes.ts';
import { expectToFit } from './narrow-screen.ts';
import { auditPage } from './page-audit.ts';
import { makeSampleYard, type SampleYard } from './sample-yard.ts';
import { keepScreenshot } from './screenshots.ts';
import { WritingRuntime } from './writing-runtime.ts';

/** What is drawn last: names of sessions and workspaces, which come with a second answer. */
const SETTLE_MS = 400;

describe.skipIf(chromium === null)('agents, locks and paths for everybody', () => {
  const runtime = new WritingRuntime();
  let yard: SampleYard;
  const suite = browserSuite(
    async (server) => {
      yard = await makeSampleYard(server.client(), server.workspace, runtime);
    },
    { runtimes: [runtime] },
  );

  afterAll(() => yard?.alive[Symbol.asyncDispose]());

  /** Every view, and what has to be there before it is looked at. */
  const views = (): [name: string, path: string, ready: string][] => [
    ['agents', '/agents', 'reviewer-1'],
    ['agent', '/agents/coder-1', 'Mend the rounding in invoices'],
    ['no-agent-fits', '/agents?q=nobody', 'No agent fits these filters'],
    ['locks', '/locks', yard.resource],
    ['lock', `/locks/queue?resource=${encodeURIComponent(yard.resource)}`, '2 waiting'],
    ['paths', '/paths', 'src/billing/**'],
    ['conflict-warning', `/sessions/${yard.billing.id}`, 'Another session works on the same path'],
    ['session-paths', `/sessions/${yard.billing.id}?tab=paths`, 'src/billing/**'],
  ];

  it('have no barriers in light and in dark colours, and fit a narrow screen', { timeout: 120_000 }, async () => {
    await suite.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    for (const [name, path, ready] of views()) {
      await suite.page.goto(suite.server.url + path);
      await suite.page.getByText(ready).first().waitFor();
      await suite.page.getByText('Live', { exact: true }).waitFor();
      await suite.page.waitForTimeout(SETTLE_MS);
      if (name === 'locks') {
        await suite.page.getByRole('button', { name: `2 waiting for ${yard.resource}` }).click();
        await suite.page.getByRole('table', { name: `Waiting for ${yard.resource}` }).waitFor();
      }
      await expectNoBarriers(suite.page, name);
      await expectToFit(suite.page, name);
    }
  });

  it('have dialogs without barriers in light and in dark colours', { timeout: 60_000 }, async () => {
    const closed = async () => {
      await suite.page.keyboard.press('Escape');
      await suite.page.getByRole('dialog').waitFor({ state: 'hidden' });
    };
    await suite.page.goto(`${suite.server.url}/locks`);
    await suite.page.getByRole('button', { name: 'Release…' }).first().click();
    const dialog = suite.page.getByRole('dialog', { name: 'Take this lock away?' });
    // Where the reason goes has the focus: nothing is taken by a careless Enter.
    await eventually(() => suite.page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
    await dialog.getByRole('button', { name: 'Take the lock away' }).click();
    await dialog.getByText('Say why.').waitFor();
    await expectNoBarriers(suite.page, 'release-lock');
    await closed();

    await suite.page.goto(`${suite.server.url}/agents/coder-1`);
    await suite.page.getByRole('button', { name: 'Hand over a session' }).click();
    await suite.page.getByRole('dialog').getByLabel('Reason').waitFor();
    await expectNoBarriers(suite.page, 'hand-over');
    await closed();

    await suite.page.getByRole('button', { name: 'Unregister', exact: true }).click();
    await suite.page.getByRole('dialog').waitFor();
    // The safe answer has the focus.
    await eventually(() => suite.page.evaluate(() => document.activeElement?.textContent)).toBe('Go back');
    await expectNoBarriers(suite.page, 'unregister');
    await closed();
  });

  it('say what is wrong where they cannot be read, beside what was read before', { timeout: 60_000 }, async () => {
    await suite.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await suite.page.goto(`${suite.server.url}/agents`);
    await suite.page.getByRole('link', { name: 'coder-1' }).waitFor();
    suite.expectComplaints(/500/);
    const problem = JSON.stringify({
      type: 'about:blank',
      title: 'Internal error',
      status: 500,
      detail: 'Broken on purpose.',
      code: 'INTERNAL_ERROR',
      instance: '/api/v1/agents',
      traceId: null,
    });
    await suite.page.route('**/api/v1/agents?**', (route) =>
      route.fulfill({ status: 500, contentType: 'application/problem+json', body: problem }),
    );
    await suite.page.getByText('Broken on purpose.').waitFor({ timeout: 30_000 });
    await suite.page.getByRole('link', { name: 'coder-1' }).waitFor();
    await keepScreenshot(suite.page, 'agents-unreadable-light');
    expect(await auditPage(suite.page)).toEqual([]);
    await suite.page.unroute('**/api/v1/agents?**');
    await suite.page.getByRole('button', { name: 'Try again' }).click();
    await suite.page.getByText('Broken on purpose.').waitFor({ state: 'detached' });
    suite.expectComplaints(/500/);
  });
});
