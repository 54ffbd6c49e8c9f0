import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { eventually } from '../browser-suite.ts';
import { type ControlSuite, HOUSE } from './control-suite.ts';

export function webhookPages({ page, rowOf, goTo, dialog, suite }: ControlSuite): void {
  it('makes webhooks whose secret is shown once, tells what came of messages, and sends them again', {
    timeout: 180_000,
  }, async () => {
    const client = suite.server.client();
    const heard: string[] = [];
    let answer = 500;
    const receiver = createServer((request, response) => {
      heard.push(String(request.headers['webhook-id']));
      request.resume();
      response.writeHead(answer).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    try {
      await goTo('/webhooks');
      await page().getByText('No webhooks yet').waitFor();
      await page().getByRole('button', { name: 'New webhook' }).click();
      const form = dialog('New webhook');
      await form.getByRole('button', { name: 'Make the webhook' }).click();
      await form.getByText('Say where to.').waitFor();
      await form.getByLabel('Address').fill(address);
      await form.getByLabel('What it is told of').fill('policy, webhook.rotated');
      await form.getByLabel('What it is for').fill('the build board');
      await form.getByRole('button', { name: 'Make the webhook' }).click();
      await dialog('The secret of the build board').waitFor();
      const first = (await page().locator('[data-secret]').textContent())?.trim() ?? '';
      expect(first).toMatch(/^whsec_/);
      await page().getByRole('button', { name: 'I have kept it' }).click();
      await page().keyboard.press('j');
      await page().keyboard.press('Enter');
      await page().getByRole('heading', { level: 1, name: 'the build board' }).waitFor();
      expect(await page().content()).not.toContain(first);
      const [webhook] = (await client.webhooks.list()).items;
      expect(webhook?.events).toEqual(['policy', 'webhook.rotated']);

      suite.expectComplaints(/./);
      await page().getByRole('button', { name: 'Send a test' }).click();
      await page().getByText('The test failed').first().waitFor();
      await rowOf('webhook.test.*Failed.*500').waitFor();
      answer = 204;
      await page().getByRole('button', { name: 'Send a test' }).click();
      await page().getByText('The test was taken with 204.').waitFor();

      // What happens is told, and shows by itself; it can be told again under the same id.
      await client.policies.create({ document: { ...HOUSE, name: 'told' } });
      await rowOf('policy.created.*Delivered.*204').waitFor();
      const before = heard.length;
      await page().getByRole('button', { name: 'Send policy.created again' }).click();
      await eventually(() => heard.length).toBe(before + 1);
      expect(heard.at(-1)).toBe(heard.at(-2));
      await page().getByRole('combobox', { name: 'Which messages' }).click();
      await page().getByRole('option', { name: 'failed' }).click();
      await rowOf('policy.created').waitFor({ state: 'detached' });
      await rowOf('webhook.test.*Failed').waitFor();

      await page().getByRole('button', { name: 'Rotate…' }).click();
      await dialog('Rotate the build board?').getByRole('button', { name: 'Rotate secret' }).click();
      await dialog('The secret of the build board').getByText('they bear the one before as well').waitFor();
      expect((await page().locator('[data-secret]').textContent())?.trim()).not.toBe(first);
      await page().getByRole('button', { name: 'I have kept it' }).click();
      await page().getByRole('button', { name: 'Change…' }).click();
      await dialog('Change the webhook').getByLabel('What it is told of').fill('*');
      await dialog('Change the webhook').getByRole('button', { name: 'Change the webhook' }).click();
      await page().getByText('everything', { exact: true }).waitFor();
      await page().getByRole('switch', { name: 'On' }).press('Space');
      await page().getByText('Off', { exact: true }).waitFor();
      expect(await client.webhooks.get(webhook?.id ?? '')).toMatchObject({ enabled: false, events: ['*'] });
      await goTo('/webhooks');
      await rowOf('the build board.*Off.*everything').waitFor();
    } finally {
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
    }
  });
}
