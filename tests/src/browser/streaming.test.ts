import { describe, expect, it } from 'vitest';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { TalkingRuntime } from './talking-runtime.ts';

describe.skipIf(chromium === null)('text that is being written', () => {
  const runtime = new TalkingRuntime();
  const suite = browserSuite(() => Promise.resolve(), { runtimes: [runtime] });

  it('grows on the page word by word and stands there once when it is done', { timeout: 60_000 }, async () => {
    const client = suite.server.client();
    const { id: workspaceId } = await client.workspaces.create({ path: suite.server.workspace });
    const session = await client.sessions.create({
      title: 'Talks while it thinks',
      initialPrompt: 'Talk',
      runtime: 'opencode',
      workspaceId,
      start: true,
    });
    await eventually(() => runtime.running).toBe(true);
    await suite.page.goto(`${suite.server.url}/sessions/${session.id}`);
    await suite.page.getByText('Live', { exact: true }).waitFor();
    const said = suite.page.getByRole('article', { name: 'Agent message' });

    const words = ['The ', 'signal ', 'is ', 'at ', 'clear '];
    for (const [index, word] of words.entries()) {
      await runtime.say('m1', word);
      const soFar = words
        .slice(0, index + 1)
        .join('')
        .trim();
      await eventually(async () => (await said.allTextContents()).join('|')).toContain(soFar);
      // Longer than pieces are gathered before they are journaled: some of it is in the journal by now, some is not.
      await suite.page.waitForTimeout(120);
    }
    await suite.page.getByLabel('being written').waitFor();
    await runtime.say('m1', 'The signal is at clear.', true);
    await suite.page.getByText('The signal is at clear.', { exact: true }).waitFor();
    await suite.page.getByLabel('being written').waitFor({ state: 'hidden' });
    expect(await said.count()).toBe(1);
    expect((await said.textContent())?.match(/signal/g)).toHaveLength(1);

    await suite.page.reload();
    await suite.page.getByText('The signal is at clear.', { exact: true }).waitFor();
    expect(await said.count()).toBe(1);
    runtime.finish();
    await suite.page.locator('header').getByText('Completed', { exact: true }).waitFor();
  });
});
