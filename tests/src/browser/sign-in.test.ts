import { describe, expect, it } from 'vitest';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { openBrowser } from './chromium.ts';
import { create } from './sample-fleet.ts';

describe.skipIf(chromium === null)('a server that asks for a key', () => {
  let secret = '';
  const suite = browserSuite(async (server) => {
    const client = server.client();
    secret = (await client.keys.create({ name: 'ada', role: 'admin' })).secret ?? '';
    await create(client, { title: 'Only for those with a key' });
    await server.stop();
    await server.start({ SIGNALBOX_AUTH: 'required' });
  });

  it('lets nobody see anything without one, and everything work with one', { timeout: 240_000 }, async () => {
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

    // The page keeps no key and cannot read the cookie; what changes something goes through all the same.
    const kept = () =>
      suite.page.evaluate(() => [document.cookie, JSON.stringify(sessionStorage), JSON.stringify(localStorage)].join());
    expect(await kept()).not.toContain(secret.slice(0, 10));
    expect(await kept()).not.toContain('signalbox-session');
    await suite.page.reload();
    await suite.page.getByRole('row', { name: 'Only for those with a key' }).waitFor();
    await suite.page.goto(`${suite.server.url}/keys`);
    await suite.page.getByRole('button', { name: 'New key' }).click();
    await suite.page.getByRole('textbox', { name: 'Name' }).fill('made by page');
    await suite.page.getByRole('button', { name: 'Make the key' }).click();
    await suite.page.getByRole('button', { name: 'I have kept it' }).click();
    await suite.page.getByRole('cell', { name: 'made by page', exact: true }).waitFor();

    // Somebody else who is signed in with the key can be signed out there, and is.
    const elsewhere = await openBrowser(chromium ?? '');
    try {
      const [page = await elsewhere.context.newPage()] = elsewhere.context.pages();
      await page.goto(`${suite.server.url}/sessions`);
      await page.getByRole('textbox', { name: 'API key' }).fill(secret);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('row', { name: 'Only for those with a key' }).waitFor();
      await suite.page.goto(`${suite.server.url}/keys`);
      const ends = suite.page.getByRole('button', { name: 'Sign out ada' });
      await ends.nth(1).click();
      await eventually(() => ends.count()).toBe(1);
      await page.reload();
      await page.getByRole('textbox', { name: 'API key' }).waitFor();
    } finally {
      await elsewhere.close();
    }
    await suite.page.goto(`${suite.server.url}/system`);
    await suite.page.getByRole('button', { name: 'Sign out' }).click();
    await field.waitFor();
    suite.expectComplaints(/401/);
  });
});
