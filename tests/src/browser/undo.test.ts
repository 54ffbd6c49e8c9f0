import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Session } from '@signalbox/client';
import { describe, expect, it, vi } from 'vitest';
import { browserSuite, chromium } from './browser-suite.ts';
import { expectNoBarriers } from './colour-schemes.ts';
import { auditPage } from './page-audit.ts';
import { keepScreenshot } from './screenshots.ts';

const ENDED_MS = 60_000;
const LINES = Array.from({ length: 12 }, (_, line) => `line ${line + 1}`);

describe.skipIf(chromium === null)('undoing a session in a browser', () => {
  let workspaceId = '';
  let first: Session;
  let second: Session;
  const suite = browserSuite(async (server) => {
    const client = server.client();
    workspaceId = (await client.workspaces.create({ path: server.workspace })).id;
    await put('src/shared.txt', `${LINES.join('\n')}\n`);
    await put('src/clash.txt', 'as it was\n');
    await put('docs/gone.md', 'must come back\n');
    first = await ran('Goes too far', [
      "sed -i 's/^line 2$/line two/' src/shared.txt",
      "echo 'what the first wrote' > src/clash.txt",
      'rm docs/gone.md',
      'mkdir -p made && echo new > made/new.txt',
    ]);
    second = await ran('Works beside it', [
      "sed -i 's/^line 10$/line ten/' src/shared.txt",
      "echo 'what the second made of it' > src/clash.txt",
      'echo second > second.txt',
    ]);
  });
  const fileAt = (path: string) => join(suite.server.workspace, path);
  const put = async (path: string, content: string) => {
    await mkdir(dirname(fileAt(path)), { recursive: true });
    await writeFile(fileAt(path), content);
  };
  const read = (path: string) => readFile(fileAt(path), 'utf8');
  const exists = (path: string) =>
    access(fileAt(path)).then(
      () => true,
      () => false,
    );

  /** A session of a shell in the workspace, once it has ended. */
  const ran = async (title: string, commands: readonly string[]): Promise<Session> => {
    const client = suite.server.client();
    const { id } = await client.sessions.create({
      title,
      initialPrompt: title,
      runtime: 'command',
      command: ['sh', '-ec', commands.join('\n')],
      workspaceId,
      start: true,
    });
    return vi.waitFor(
      async () => {
        const session = await client.sessions.get(id);
        expect(session.status).toBe('completed');
        return session;
      },
      { timeout: ENDED_MS, interval: 100 },
    );
  };
  const item = (name: RegExp | string) => suite.page.getByRole('treeitem', { name });
  const undoButton = (verb = 'Undo') => suite.page.getByRole('button', { name: `${verb}…`, exact: true });

  it('previews what becomes of each path, from the page of the session on', { timeout: 120_000 }, async () => {
    await suite.page.goto(`${suite.server.url}/sessions/${first.id}`);
    await suite.page.getByRole('link', { name: 'Undo…' }).click();
    await item(/clash\.txt.*Conflict/).waitFor();
    await item(/shared\.txt.*Merged/).waitFor();
    await item(/gone\.md.*Restored/).waitFor();
    await item(/new\.txt.*Restored/).waitFor();
    expect(await item(/second\.txt/).count()).toBe(0);
    await suite.page.getByText('One path waits for an answer').waitFor();
    expect(await undoButton().isDisabled()).toBe(true);
    await item(/shared\.txt/).click();
    await suite.page.getByRole('table', { name: 'Changes of src/shared.txt' }).getByText('line two').waitFor();
    expect(await read('src/clash.txt')).toBe('what the second made of it\n');
  });

  it('leaves out what is unticked, by keys, and keeps that in the address', { timeout: 60_000 }, async () => {
    await item(/new\.txt/).focus();
    await suite.page.keyboard.press('Space');
    await suite.page.waitForURL('**leave=made**');
    await item(/new\.txt.*left as it is/).waitFor();
    await suite.page.reload();
    await item(/new\.txt.*left as it is/).waitFor();
    expect(await item(/new\.txt/).getAttribute('aria-checked')).toBe('false');
    await item(/new\.txt/).focus();
    await suite.page.keyboard.press('Space');
    await item(/new\.txt.*Restored/).waitFor();
  });

  it('shows both sides of a conflict without barriers', { timeout: 60_000 }, async () => {
    await item(/clash\.txt/).click();
    const conflict = suite.page.getByRole('region', { name: /^Conflict in src\/clash\.txt/ });
    await conflict.getByText('what the second made of it').first().waitFor();
    await conflict.getByText('as it was').first().waitFor();
    await expectNoBarriers(suite.page, 'undo-conflict');
  });

  it('undoes the session with the merged text that a person wrote, and nothing else', {
    timeout: 120_000,
  }, async () => {
    const conflict = suite.page.getByRole('region', { name: /^Conflict in src\/clash\.txt/ });
    await conflict.getByRole('textbox', { name: 'Merged text' }).fill('settled by a person\n');
    await conflict.getByRole('button', { name: 'Take the merged text' }).click();
    await item(/clash\.txt.*Merged/).waitFor();
    await undoButton().click();
    const dialog = suite.page.getByRole('dialog', { name: 'Undo this?' });
    await dialog.getByText('4 files will be written').waitFor();
    await keepScreenshot(suite.page, 'undo-question');
    await dialog.getByRole('button', { name: 'Undo 4 files' }).click();
    await suite.page.waitForURL('**/undos/*');
    await suite.page.getByText('nothing: nobody else wrote there meanwhile').waitFor({ timeout: ENDED_MS });
    expect(await read('src/shared.txt')).toBe(`${LINES.join('\n').replace('line 10', 'line ten')}\n`);
    expect(await read('src/clash.txt')).toBe('settled by a person\n');
    expect(await read('docs/gone.md')).toBe('must come back\n');
    expect(await exists('made/new.txt')).toBe(false);
    expect(await read('second.txt')).toBe('second\n');
  });

  it('shows how it ended without barriers', { timeout: 60_000 }, async () => {
    await suite.page.getByRole('link', { name: 'Redo…' }).waitFor();
    await expectNoBarriers(suite.page, 'undo-operation');
  });

  it('is taken back, and both stand in the list', { timeout: 120_000 }, async () => {
    await suite.page.getByRole('link', { name: 'Redo…' }).click();
    await item(/gone\.md/).waitFor();
    await undoButton('Redo').click();
    await suite.page
      .getByRole('dialog', { name: 'Redo this?' })
      .getByRole('button', { name: /^Redo \d/ })
      .click();
    await suite.page.getByRole('heading', { level: 1, name: 'Redo' }).waitFor();
    await suite.page.getByText('nothing: nobody else wrote there meanwhile').waitFor({ timeout: ENDED_MS });
    expect(await read('src/clash.txt')).toBe('what the second made of it\n');
    expect(await exists('docs/gone.md')).toBe(false);
    expect(await read('made/new.txt')).toBe('new\n');
    expect(await read('src/shared.txt')).toContain('line two');

    await suite.page.keyboard.press('g');
    await suite.page.keyboard.press('u');
    await suite.page.getByRole('link', { name: `Undo of ${first.title}` }).waitFor();
    await suite.page.getByRole('link', { name: 'Redo of an earlier undo' }).waitFor();
    await keepScreenshot(suite.page, 'undos');
    expect(await auditPage(suite.page)).toEqual([]);
  });

  it('previews anew, and says so, when something was changed meanwhile', { timeout: 120_000 }, async () => {
    suite.expectComplaints(/409/);
    await suite.page.goto(`${suite.server.url}/sessions/${second.id}/undo?paths=second.txt`);
    await item(/second\.txt.*Restored/).waitFor();
    await undoButton().click();
    await put('second.txt', 'a person changed it\n');
    await suite.page.getByRole('dialog').getByRole('button', { name: 'Undo 1 file' }).click();
    await suite.page.getByText('Somebody changed something meanwhile').waitFor();
    await item(/second\.txt.*Conflict/).waitFor();
    expect(await read('second.txt')).toBe('a person changed it\n');
  });
});
