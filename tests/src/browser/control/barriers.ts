import { expect, it } from 'vitest';
import { expectToFit } from '../narrow-screen.ts';
import { auditPage } from '../page-audit.ts';
import { keepScreenshot } from '../screenshots.ts';
import type { ControlSuite } from './control-suite.ts';

const SCHEMES = ['light', 'dark'] as const;

/** Every page of control in both colours: contrast, names, order. Comes last, when there is something on each. */
export function barriers({ page, rowOf, goTo, ask, dialog, driven, suite }: ControlSuite): void {
  for (const scheme of SCHEMES) {
    it(`has no barriers in ${scheme} colours`, { timeout: 120_000 }, async () => {
      await page().emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      const secret = 'sbx_0123456789abcdef0123456789abcdef0123456789a';
      const command = `curl -H 'Authorization: Bearer ${secret}' https://example.com/${scheme}`;
      const id = await ask({
        arguments: { command },
        terms: { reason: 'It goes to the network.', timeoutSeconds: 3000 },
      });
      const sees = async (name: string) => {
        await page().getByText('Live', { exact: true }).waitFor();
        await keepScreenshot(page(), `${name}-${scheme}`);
        expect(await auditPage(page()), `${name} in ${scheme}`).toEqual([]);
        expect(await page().content()).not.toContain(secret);
      };
      // How wide a page is does not depend on its colours.
      const fits = (name: string) => (scheme === 'light' ? expectToFit(page(), name) : Promise.resolve());
      await goTo('/approvals');
      await rowOf('curl').waitFor();
      await rowOf('in 49m|in 50m').waitFor();
      await sees('approvals');
      await fits('approvals');
      await page().keyboard.press('j');
      await page().keyboard.press('a');
      await dialog('Approve this?').waitFor();
      await sees('approve');
      await page().keyboard.press('Escape');
      await goTo(`/approvals/${id}`);
      await page().getByText('It goes to the network.').waitFor();
      await sees('approval');
      await fits('approval');
      await page().keyboard.press('e');
      await dialog('Approve something else than was asked for?').waitFor();
      await sees('edit-approval');
      await page().keyboard.press('Escape');
      await goTo(`/sessions/${driven()}`);
      await page().getByText('It waits for an answer').waitFor();
      await sees('held-session');
      await suite.server.client('bea').approvals.reject(id, 'not from here');
      await goTo('/approvals?show=decided');
      await rowOf('curl.*Rejected').first().waitFor();
      await sees('decided');
      await goTo('/approvals?tool=nothing');
      await page().getByText('No approval fits these filters').waitFor();
      const [webhook] = (await suite.server.client().webhooks.list()).items;
      for (const [name, path, ready] of [
        ['policies', '/policies', 'house'],
        ['policy', '/policies/house', 'Nothing is wrong with it'],
        ['keys', '/keys', 'build machine'],
        ['budgets', '/budgets', 'sums'],
        ['webhooks', '/webhooks', 'the build board'],
        ['webhook', `/webhooks/${webhook?.id}`, 'policy.created'],
        ['audit-chain', '/audit', 'session.create'],
      ] as const) {
        await goTo(path);
        await page().getByText(ready).first().waitFor();
        await sees(name);
        await fits(name);
      }
    });
  }
}
