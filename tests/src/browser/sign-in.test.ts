import { describe, expect, it } from 'vitest';
import { browserSuite, chromium } from './browser-suite.ts';
import { create } from './sample-fleet.ts';

describe.skipIf(chromium === null)('a server that asks for a key', () => {
  let secret = '';
  const suite = browserSuite(async (server) => {
    const client = server.client();
    secret = (await client.keys.create({ name: 'ada', role: 'operator' })).secret ?? '';
    await create(client, { title: 'Only for those with a key' });
    await server.stop();
    await server.start({ SIGNALBOX_AUTH: 'required' });
  });

  it('lets nobody see anything without one, and everything work with one', async () => {
    suite.expectComplaints(/401/);
    await suite.page.goto(`${suite.server.url}/sessions`);
    const field = suite.page.getByRole('textbox', { name: 'API key' });
    await field.fill('sbk_wrong');
    await suite.page.getByRole('button', { name: 'Sign in' }).click();
    await suite.page.getByText('The server does not take this key.').waitFor();
    expect(await suite.page.getByText('Only for those with a key').count()).toBe(0);
    await field.fill(secret);
    await suite.page.getByRole('button', { name: 'Sign in' }).click();
    await suite.page.getByRole('row', { name: 'Only for those with a key' }).waitFor();
    await suite.page.getByText('Live', { exact: true }).waitFor();

    // It stays for the tab, and goes when somebody signs out.
    await suite.page.reload();
    await suite.page.getByRole('row', { name: 'Only for those with a key' }).waitFor();
    await suite.page.goto(`${suite.server.url}/system`);
    await suite.page.getByRole('button', { name: 'Sign out' }).click();
    await field.waitFor();
    suite.expectComplaints(/401/);
  });
});
