import type { JournalEvent } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { auditPage } from './page-audit.ts';
import { makeSampleFleet, type SampleFleet } from './sample-fleet.ts';
import { keepScreenshot } from './screenshots.ts';

describe.skipIf(chromium === null)('any moment of a session in a browser', () => {
  let fleet: SampleFleet;
  let events: JournalEvent[] = [];
  const suite = browserSuite(async (server) => {
    const client = server.client();
    fleet = await makeSampleFleet(client);
    events = (await client.journal.read(fleet.rich.id, { order: 'asc', pageSize: 1000 })).items;
  });
  const seqOf = (type: JournalEvent['type'], index = 0) =>
    events.filter((event) => event.type === type)[index]?.seq ?? 0;
  const open = (seq?: number) =>
    suite.page.goto(
      `${suite.server.url}/sessions/${fleet.rich.id}?tab=replay${seq === undefined ? '' : `&seq=${seq}`}`,
    );
  const slider = () => suite.page.getByRole('slider', { name: 'Moment of the session' });
  const state = () => suite.page.getByRole('region', { name: 'State at this moment' });
  const files = () => suite.page.getByRole('tree', { name: 'Files changed so far' }).getByRole('treeitem');

  it('shows state, files and events as they were at the moment in the address', { timeout: 60_000 }, async () => {
    await open(seqOf('tool_call'));
    await state().getByText('read').waitFor();
    await state()
      .getByText(`since event ${seqOf('tool_call')}`)
      .waitFor();
    await suite.page.getByText('No file was changed by then').waitFor();

    await open(seqOf('file_change'));
    await suite.page.getByText('return Math.round(sum);').waitFor();
    await eventually(() => files().count()).toBe(2);
    await state().getByText('2 made').waitFor();

    await open(seqOf('usage'));
    await state().getByText('12.4K / 811').waitFor();
    await state().getByText('3 made, 1 failed').waitFor();
    await state().getByText('no call').waitFor();
    await eventually(() => files().count()).toBe(4);
  });

  it('goes from moment to moment by keys, and says where it is', { timeout: 60_000 }, async () => {
    const last = events.length;
    await open();
    await slider().focus();
    await eventually(() => slider().inputValue()).toBe(String(last));
    await suite.page.keyboard.press('Home');
    await eventually(() => slider().inputValue()).toBe('1');
    await eventually(() => slider().getAttribute('aria-valuetext')).toMatch(new RegExp(`^Event 1 of ${last}, .*\\d`));
    await suite.page.keyboard.press('ArrowRight');
    await eventually(() => slider().inputValue()).toBe('2');
    await suite.page.waitForURL('**seq=2');
    await suite.page.keyboard.press('PageUp');
    await eventually(() => slider().inputValue()).toBe('4');
    await suite.page.getByRole('button', { name: new RegExp(`^${seqOf('message', 1)}\\s*Messages`) }).click();
    await eventually(() => slider().inputValue()).toBe(String(seqOf('message', 1)));
  });

  it('plays on to the last event by itself', { timeout: 60_000 }, async () => {
    await open(events.length - 3);
    await suite.page.getByLabel('Speed').selectOption('64');
    await suite.page.getByRole('button', { name: 'Play' }).click();
    await eventually(() => slider().inputValue()).toBe(String(events.length));
    await suite.page.getByRole('button', { name: 'Play' }).waitFor();
  });

  for (const scheme of ['light', 'dark'] as const) {
    it(`has no barriers in ${scheme} colours`, { timeout: 60_000 }, async () => {
      await suite.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await open(seqOf('file_change', 1));
      await suite.page.getByText('test("cents"').waitFor();
      await state().waitFor();
      await keepScreenshot(suite.page, `replay-${scheme}`);
      expect(await auditPage(suite.page)).toEqual([]);
    });
  }
});
