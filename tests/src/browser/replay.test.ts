import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AppendEvent, JournalEvent, Session } from '@signalbox/client';
import { describe, expect, it, vi } from 'vitest';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { expectNoBarriers } from './colour-schemes.ts';
import { event, makeSampleFleet, type SampleFleet, started } from './sample-fleet.ts';
import { WritingRuntime } from './writing-runtime.ts';

/** More than fit a screen, so that not all of them may be drawn. */
const LIBRARY = 400;

describe.skipIf(chromium === null)('any moment of a session in a browser', () => {
  let fleet: SampleFleet;
  let events: JournalEvent[] = [];
  let writer: Session;
  let written: JournalEvent[] = [];
  const runtime = new WritingRuntime();
  const suite = browserSuite(
    async (server) => {
      const client = server.client();
      fleet = await makeSampleFleet(client);
      events = (await client.journal.read(fleet.rich.id, { order: 'asc', pageSize: 1000 })).items;
      const put = async (path: string, text: string) => {
        const full = join(server.workspace, path);
        await mkdir(dirname(full), { recursive: true });
        await writeFile(full, text);
      };
      for (let file = 0; file < LIBRARY; file++) await put(`lib/part-${file}.ts`, `export const part = ${file};\n`);
      await put('src/app.ts', 'one\n');
      const { id: workspaceId } = await client.workspaces.create({ path: server.workspace, name: 'shop' });
      writer = await client.sessions.create({
        title: 'Writes two files',
        initialPrompt: 'Write them',
        runtime: 'opencode',
        workspaceId,
        start: true,
      });
      await vi.waitUntil(() => runtime.runs(writer.id), { timeout: 60_000, interval: 50 });
      await runtime.write(writer.id, 'src/app.ts', () => put('src/app.ts', 'one\ntwo\n'));
      await runtime.write(writer.id, 'notes.md', () => put('notes.md', 'noted\n'));
      written = (await client.journal.read(writer.id, { order: 'asc', pageSize: 1000 })).items;
      // A person, after all of it.
      await put('src/app.ts', 'one\ntwo\nthree\n');
    },
    { runtimes: [runtime] },
  );
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

  it('moves by keys wherever one is, unless something else takes them', { timeout: 60_000 }, async () => {
    await open();
    await state().waitFor();
    await suite.page.keyboard.press('Home');
    await eventually(() => slider().inputValue()).toBe('1');
    await suite.page.keyboard.press('ArrowRight');
    await eventually(() => slider().inputValue()).toBe('2');
    await suite.page.keyboard.press('Space');
    await suite.page.getByLabel('Pause', { exact: true }).waitFor();
    await suite.page.keyboard.press('Space');
    await suite.page.getByLabel('Play', { exact: true }).waitFor();
    await suite.page.keyboard.press('End');
    await eventually(() => slider().inputValue()).toBe(String(events.length));
    await files().first().focus();
    await suite.page.keyboard.press('Home');
    await suite.page.keyboard.press('ArrowLeft');
    expect(await slider().inputValue()).toBe(String(events.length));
  });

  describe('with the files of its workspace', () => {
    const change = (path: string) =>
      written.find(({ type, payload }) => type === 'file_change' && (payload as { path: string }).path === path);
    const openWriter = (seq: number, rest = '') =>
      suite.page.goto(`${suite.server.url}/sessions/${writer.id}?tab=replay&seq=${seq}${rest}`);
    const tree = () => suite.page.getByRole('tree', { name: 'Files at this moment' });
    const file = (name: RegExp) => tree().getByRole('treeitem', { name });
    const one = (path: string) => suite.page.getByRole('region', { name: path, exact: true });
    const show = (label: string) => suite.page.locator('label', { hasText: label }).click();

    it('shows all of them as they were, and draws those in view only', { timeout: 60_000 }, async () => {
      await openWriter(change('src/app.ts')?.seq ?? 0);
      await one('src/app.ts').getByRole('table', { name: 'Changes of src/app.ts' }).getByText('two').waitFor();
      await suite.page.getByText(`${LIBRARY + 1} files`).waitFor();
      expect(await tree().getByRole('treeitem').count()).toBeLessThan(100);
      // What is looked at is in view, although it is far down.
      await file(/app\.ts/).focus();
      await suite.page.keyboard.press('Home');
      expect(await file(/part-0\.ts/).getAttribute('aria-setsize')).toBe(String(LIBRARY));
      await suite.page.keyboard.press('End');
      await expect.poll(() => suite.page.evaluate(() => document.activeElement?.textContent)).toMatch(/^app\.ts/);
      await suite.page.keyboard.press('Home');
      await suite.page.keyboard.press('ArrowLeft');
      await eventually(() => tree().getByRole('treeitem').count()).toBe(3);
      expect(await file(/notes\.md/).count()).toBe(0);
      await suite.page.getByLabel('Moment of the session').focus();
      await suite.page.keyboard.press('End');
      await file(/notes\.md/).waitFor();
    });

    it('shows one as it was and is, without barriers', { timeout: 60_000 }, async () => {
      await openWriter(written.length, '&file=src/app.ts');
      await show('Content');
      const content = suite.page.getByRole('region', { name: 'Content of src/app.ts' });
      await content.getByText('two').waitFor();
      expect(await content.textContent()).toBe('1one2two');
      await show('From then to now');
      await suite.page.getByRole('table', { name: 'Changes of src/app.ts' }).getByText('three').waitFor();
      await expectNoBarriers(suite.page, 'replay-files');

      await suite.page.getByRole('link', { name: 'Who wrote its lines' }).click();
      await suite.page.getByRole('option', { name: /^Line 2, Writes two files: two$/ }).click();
      const origin = suite.page.getByRole('region', { name: 'Who wrote the line' });
      await origin.getByText('write', { exact: false }).first().waitFor();
      await origin.getByRole('link', { name: 'Writes two files' }).waitFor();
      await suite.page.keyboard.press('ArrowUp');
      await origin.getByText('It was there before Signalbox looked').waitFor();
      await expectNoBarriers(suite.page, 'blame');
    });
  });

  it('stays fluid in a session of ten thousand events', { timeout: 120_000 }, async () => {
    const client = suite.server.client();
    const { id } = await started(client, { title: 'Long and busy' });
    const step = (at: number): AppendEvent =>
      at % 4 === 0
        ? event('file_change', {
            path: `src/${at % 1000}.ts`,
            operation: 'modified',
            diff: '',
            binary: false,
            additions: 1,
            deletions: 1,
          })
        : event('output', { stream: 'stdout', text: `step ${at}\n` });
    for (let at = 0; at < 10_000; at += 500) {
      await client.journal.append(
        id,
        Array.from({ length: 500 }, (_, index) => step(at + index)),
      );
    }
    const { lastSeq } = await client.sessions.get(id);
    await suite.page.goto(`${suite.server.url}/sessions/${id}?tab=replay&seq=1`);
    await state().waitFor();
    const asked: string[] = [];
    suite.page.on('request', (request) => asked.push(request.url()));
    // As fast as nobody can drag: all within one turn of the page.
    await slider().evaluate((input, last) => {
      const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
      for (let seq = 2; seq <= last; seq += 20) {
        set?.call(input, String(seq));
        input.dispatchEvent(new Event('input', { bubbles: true }));
      }
      set?.call(input, String(last));
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }, lastSeq);
    await suite.page.waitForURL(`**seq=${lastSeq}`);
    await suite.page.getByText('250 changed so far').waitFor();
    expect(asked.filter((url) => url.includes('/state?')).length).toBeLessThanOrEqual(3);
    expect(asked.filter((url) => url.includes('/journal?') && !url.includes('type')).length).toBeLessThanOrEqual(8);
    expect(await files().count()).toBeLessThan(100);
    expect(await suite.page.getByRole('list').getByRole('button').count()).toBeLessThan(60);
  });

  it('plays on to the last event by itself', { timeout: 60_000 }, async () => {
    await open(events.length - 3);
    await suite.page.getByLabel('Speed').selectOption('64');
    await suite.page.getByRole('button', { name: 'Play' }).click();
    await eventually(() => slider().inputValue()).toBe(String(events.length));
    await suite.page.getByRole('button', { name: 'Play' }).waitFor();
  });

  it('has no barriers in light and in dark colours', { timeout: 60_000 }, async () => {
    await open(seqOf('file_change', 1));
    await suite.page.getByText('test("cents"').waitFor();
    await state().waitFor();
    await expectNoBarriers(suite.page, 'replay');
  });
});
