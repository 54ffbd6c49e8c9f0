import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartRollback } from '@signalbox/client';
import { describe, expect, it, vi } from 'vitest';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { expectNoBarriers } from './colour-schemes.ts';
import { auditPage } from './page-audit.ts';

const ENDED_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Stops for long after each change, so that it can be looked at and cancelled. */
const SLOW: StartRollback = { strategy: 'gradual', batchSize: 1, delayBetweenBatches: 600_000 };

/** As a field for a local moment takes it; the browser has this process's time zone. */
function localTime(at: number): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

describe.skipIf(chromium === null)('rollback in a browser', () => {
  const suite = browserSuite(async (server) => {
    const client = server.client();
    await client.workspaces.create({ path: server.workspace, name: 'shop' });
    await mkdir(join(server.workspace, 'parts'));
    await write('as it was\n');
    await limit(3);
  });
  const file = () => join(suite.server.workspace, 'notes.txt');
  const text = () => readFile(file(), 'utf8');
  const limit = async (maxConcurrent: number) => {
    const { queues } = suite.server.client();
    await queues.update('builds', (await queues.get('builds')).version, { maxConcurrent });
  };
  const limitNow = async () => (await suite.server.client().queues.get('builds')).maxConcurrent;
  /** So many files that batches are worth it. */
  const write = async (content: string) => {
    const parts = Array.from({ length: 6 }, (_, part) => `parts/${part}.txt`);
    for (const path of ['notes.txt', ...parts]) await writeFile(join(suite.server.workspace, path), content);
  };
  const disturb = async () => {
    await write('as somebody made it\n');
    await limit(9);
  };
  const pointId = async () => (await suite.server.client().rollback.points()).items.at(-1)?.id ?? '';
  const start = async (how: StartRollback) => (await suite.server.client().rollback.start(await pointId(), how)).id;
  const item = (name: RegExp | string) => suite.page.getByRole('treeitem', { name });
  const heading = (name: string | RegExp) => suite.page.getByRole('heading', { level: 1, name });
  const badge = (status: string) => suite.page.locator(`header [data-status="${status}"]`);
  const ended = (id: string) =>
    vi.waitFor(
      async () => {
        const operation = await suite.server.client().rollback.operation(id);
        expect(operation.completedAt).not.toBeNull();
        return operation;
      },
      { timeout: ENDED_MS, interval: 100 },
    );

  it('says where there is nothing, and makes a point', { timeout: 120_000 }, async () => {
    await suite.page.goto(`${suite.server.url}/rollback/monitoring`);
    await suite.page.getByText('Nothing waits to be looked at').waitFor();
    await suite.page.getByText('No sample was taken in these hours').waitFor();
    await suite.page.getByRole('link', { name: 'Rollbacks' }).click();
    await suite.page.getByText('Nothing was rolled back yet').waitFor();
    await suite.page.keyboard.press('g');
    await suite.page.keyboard.press('r');
    await suite.page.getByText('No rollback points yet').waitFor();

    await suite.page.getByRole('button', { name: 'New point' }).click();
    const dialog = suite.page.getByRole('dialog', { name: 'New rollback point' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Before the upgrade');
    await dialog.getByRole('combobox', { name: 'Files of' }).click();
    await suite.page.getByRole('option', { name: 'shop' }).click();
    await expectNoBarriers(suite.page, 'rollback-new-point');
    await dialog.getByRole('button', { name: 'Make the point' }).click();
    const row = suite.page.getByRole('row', { name: /Before the upgrade/ });
    await row.getByText('configuration, files').waitFor();
    await expectNoBarriers(suite.page, 'rollback-points');
  });

  it('previews item by item what going back does, and leaves out what is unticked', { timeout: 120_000 }, async () => {
    await disturb();
    await suite.page.getByRole('link', { name: 'Before the upgrade' }).click();
    await item(/notes\.txt.*changes/).click();
    const change = suite.page.getByRole('table', { name: 'Changes of notes.txt' });
    await change.getByText('as somebody made it').waitFor();
    await change.getByText('as it was').waitFor();
    await item(/queue:builds/).click();
    await suite.page.getByText('"maxConcurrent": 9').waitFor();
    await suite.page.getByText(/^8 changes, immediate, about/).waitFor();
    await expectNoBarriers(suite.page, 'rollback-preview');

    await item(/notes\.txt/).focus();
    await suite.page.keyboard.press('Space');
    await suite.page.getByText(/^7 changes, partial/).waitFor();
    await suite.page.reload();
    await item(/notes\.txt.*left as it is/).waitFor();
    expect(await item(/notes\.txt/).getAttribute('aria-checked')).toBe('false');
    await suite.page.getByRole('button', { name: 'Roll back…' }).click();
    await suite.page.getByRole('button', { name: 'Roll back 7 changes' }).click();
    await heading('Rollback').waitFor();
    await badge('completed').waitFor({ timeout: ENDED_MS });
    expect([await text(), await limitNow()]).toEqual(['as somebody made it\n', 3]);
  });

  it('goes back by the strategy that is chosen, and forth again', { timeout: 120_000 }, async () => {
    await disturb();
    await suite.page.goto(`${suite.server.url}/rollback/points/${await pointId()}?strategy=force`);
    await suite.page.getByText(/^8 changes, force/).waitFor();
    await suite.page.getByRole('button', { name: 'Roll back…' }).click();
    const sure = suite.page.getByRole('button', { name: 'Roll back 8 changes' });
    expect(await sure.isDisabled()).toBe(true);
    await suite.page.keyboard.press('Escape');
    await suite.page.getByRole('dialog').waitFor({ state: 'hidden' });
    await suite.page.getByRole('combobox', { name: 'Strategy' }).click();
    await suite.page.getByRole('option', { name: 'Safe' }).click();
    await suite.page.getByText(/^8 changes, safe/).waitFor();
    await suite.page.getByRole('button', { name: 'Roll back…' }).click();
    await suite.page.getByText('is made first, so it can be undone').waitFor();
    await expectNoBarriers(suite.page, 'rollback-question');
    await sure.click();
    await heading('Rollback').waitFor();
    await badge('completed').waitFor({ timeout: ENDED_MS });
    await suite.page.getByText('8 of 8').waitFor();
    expect([await text(), await limitNow()]).toEqual(['as it was\n', 3]);
    await expectNoBarriers(suite.page, 'rollback-operation');

    const before = suite.page.url();
    await suite.page.getByRole('button', { name: 'Undo…' }).click();
    await suite.page.getByRole('dialog').getByRole('button', { name: 'Undo the rollback' }).click();
    await suite.page.waitForURL((url) => url.href !== before);
    await badge('completed').waitFor({ timeout: ENDED_MS });
    expect([await text(), await limitNow()]).toEqual(['as somebody made it\n', 9]);
  });

  it('goes back by time alone: what was changed after the moment that is named', { timeout: 120_000 }, async () => {
    await suite.page.goto(`${suite.server.url}/rollback/points/${await pointId()}`);
    await suite.page.getByRole('combobox', { name: 'Strategy' }).click();
    await suite.page.getByRole('option', { name: 'Time-based' }).click();
    await suite.page.getByText('Since when?').waitFor();
    const start = suite.page.getByRole('button', { name: 'Roll back…' });
    expect(await start.isDisabled()).toBe(true);
    await suite.page.getByLabel('Changed after').fill(localTime(Date.now() + HOUR_MS));
    await suite.page.getByText('Nothing was changed after that moment').waitFor();
    expect(await start.isDisabled()).toBe(true);
    await expectNoBarriers(suite.page, 'rollback-by-time');
    await suite.page.getByLabel('Changed after').fill(localTime(Date.now() - HOUR_MS));
    await suite.page.getByText(/^8 changes, time-based/).waitFor();
    await start.click();
    await suite.page.getByRole('button', { name: 'Roll back 8 changes' }).click();
    await badge('completed').waitFor({ timeout: ENDED_MS });
    expect([await text(), await limitNow()]).toEqual(['as it was\n', 3]);
    await disturb();
  });

  it('has each conflict answered: both sides, what a merge comes to, and what is asked for then', {
    timeout: 120_000,
  }, async () => {
    // What is compared is what is there, so nothing is in conflict but what hangs on what in a graph, and there is none here.
    const conflict = {
      path: 'config:queue:builds',
      type: 'value_mismatch',
      currentValue: { maxConcurrent: 9, paused: true },
      rollbackValue: { maxConcurrent: 3, note: 'from before' },
    };
    const asked: unknown[] = [];
    await suite.page.route('**/rollback/points/*/preview', async (route) => {
      asked.push(route.request().postDataJSON());
      const response = await route.fetch();
      const plan = await response.json();
      await route.fulfill({ response, json: { ...plan, potentialConflicts: [conflict] } });
    });
    await suite.page.goto(`${suite.server.url}/rollback/points/${await pointId()}?conflicts=ask_user`);
    await item(/queue:builds/).click();
    const panel = suite.page.getByRole('region', { name: `Conflict in ${conflict.path}` });
    await panel.getByText('Something else stands there than was expected').waitFor();
    await panel.getByText('"note": "from before"').waitFor();
    await panel.getByText('"paused": true').waitFor();
    await panel.getByText('Merge', { exact: true }).click();
    await panel.getByText(/^Merged, \d+ % sure/).waitFor();
    await eventually(() => asked.at(-1)).toMatchObject({
      conflictResolution: 'ask_user',
      resolutions: { [conflict.path]: 'merge' },
    });
    await expectNoBarriers(suite.page, 'rollback-conflict');
    await suite.page.getByRole('button', { name: 'Roll back…' }).click();
    await suite.page.getByText('1 conflict will be met as chosen').waitFor();
    await suite.page.keyboard.press('Escape');
    await suite.page.unroute('**/rollback/points/*/preview');
  });

  it('shows without a reload what others begin, and stops it', { timeout: 120_000 }, async () => {
    await suite.page.goto(`${suite.server.url}/rollback/operations?strategy=gradual`);
    await suite.page.getByText('No rollback fits these filters').waitFor();
    await suite.page.getByText('Live', { exact: true }).waitFor();
    const id = await start(SLOW);
    const row = suite.page.locator(`[data-operation="${id}"]`);
    await row.getByText('In progress').waitFor();
    await expectNoBarriers(suite.page, 'rollback-operations');
    await row.getByRole('link', { name: 'Before the upgrade' }).click();
    await suite.page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await suite.page.getByRole('dialog').getByText('What it has changed by then stays changed').waitFor();
    await suite.page.getByRole('dialog').getByRole('button', { name: 'Cancel the rollback' }).click();
    await badge('cancelled').waitFor({ timeout: ENDED_MS });
    expect((await ended(id)).status).toBe('cancelled');
    await disturb();
  });

  it('tells of what failed as it happens, until somebody has dealt with it', { timeout: 120_000 }, async () => {
    await suite.page.goto(`${suite.server.url}/rollback/monitoring`);
    const figures = suite.page.getByLabel('Rollbacks at a glance');
    await figures.getByText('4 completed, 0 failed').waitFor();
    await figures.getByText('100 %').waitFor();
    await suite.page.getByText('Live', { exact: true }).waitFor();
    const id = await start({ ...SLOW, maxDuration: 1 });
    expect((await ended(id)).status).toBe('failed');
    const alert = suite.page.getByRole('row', { name: new RegExp(`The rollback ${id} failed`) });
    await alert.waitFor();
    await figures.getByText('80 %').waitFor();
    await suite.page.getByRole('img', { name: /^Success rate: 80 % now/ }).waitFor();
    const counts = suite.page.getByRole('table', { name: 'Operations by strategy and status' });
    const gradual = counts.getByRole('row', { name: /^Gradual/ }).getByRole('cell');
    await eventually(async () => (await gradual.allTextContents()).slice(0, 6)).toEqual([
      'Gradual',
      '0',
      '0',
      '0',
      '1',
      '1',
    ]);
    await expectNoBarriers(suite.page, 'rollback-monitoring');

    await alert.getByRole('button', { name: 'Resolve' }).click();
    await alert.waitFor({ state: 'hidden' });
    await suite.page.locator('label', { hasText: 'All of the last day' }).click();
    await alert.getByText(/^by /).waitFor();
    const { items } = await suite.server.client().rollbackMonitoring.alerts({ resolved: true });
    expect(items.map(({ data }) => data.operationId)).toContain(id);
  });

  it('gives the figures to other programs as files', { timeout: 60_000 }, async () => {
    const saved = async (button: string) => {
      const [download] = await Promise.all([
        suite.page.waitForEvent('download'),
        suite.page.getByRole('button', { name: button }).click(),
      ]);
      return [download.suggestedFilename(), await readFile(await download.path(), 'utf8')] as const;
    };
    const [name, json] = await saved('Export JSON');
    expect([name, JSON.parse(json).dashboard_summary.failedRollbacks]).toEqual(['rollback-monitoring.json', 1]);
    const [, prometheus] = await saved('Export for Prometheus');
    expect(prometheus).toMatch(/^# HELP .*\n# TYPE /);
  });

  it('says what is not there', { timeout: 60_000 }, async () => {
    suite.expectComplaints(/404/);
    const unknown = '01800000-0000-7000-8000-000000000000';
    for (const path of [`points/${unknown}`, `operations/${unknown}`]) {
      await suite.page.goto(`${suite.server.url}/rollback/${path}`);
      await suite.page.getByRole('alert').waitFor();
      expect(await auditPage(suite.page), path).toEqual([]);
    }
  });
});
