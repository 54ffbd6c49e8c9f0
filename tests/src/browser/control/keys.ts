import { expect, it } from 'vitest';
import type { ControlSuite } from './control-suite.ts';

export function keyPage({ page, rowOf, goTo, dialog, suite }: ControlSuite): void {
  it('makes keys whose secret is shown once, rotates and revokes them', { timeout: 60_000 }, async () => {
    const answered = async (secret: string) =>
      (await fetch(`${suite.server.url}/api/v1/sessions`, { headers: { authorization: `Bearer ${secret}` } })).status;
    const secretShown = () => page().locator('[data-secret]').textContent();
    const kept = () => page().getByRole('button', { name: 'I have kept it' }).click();
    await goTo('/keys');
    await page().getByText('No keys yet').waitFor();
    await page().getByRole('button', { name: 'New key' }).click();
    await dialog('New key').getByRole('button', { name: 'Make the key' }).click();
    await dialog('New key').getByText('Say whose it is.').waitFor();
    await dialog('New key').getByLabel('Name').fill('build machine');
    await dialog('New key').getByRole('button', { name: 'Make the key' }).click();
    await dialog('The secret of build machine').waitFor();
    const first = (await secretShown())?.trim() ?? '';
    expect([first.startsWith('sbx_'), await answered(first)]).toEqual([true, 200]);
    await kept();
    await rowOf('build machine.*Valid.*agent.*in 8').waitFor();
    expect(await page().content()).not.toContain(first);
    await page().reload();
    await rowOf('build machine').waitFor();
    expect(await rowOf('build machine').textContent()).not.toContain('never');

    await page().getByRole('button', { name: 'Rotate build machine…' }).click();
    await dialog('Rotate build machine?').getByRole('button', { name: 'Rotate key' }).click();
    await dialog('The secret of build machine').waitFor();
    const second = (await secretShown())?.trim() ?? '';
    expect([await answered(first), await answered(second), first === second]).toEqual([200, 200, false]);
    await kept();
    await rowOf('old secret until').waitFor();
    await page().getByRole('button', { name: 'Revoke build machine…' }).click();
    await dialog('Revoke build machine?').getByRole('button', { name: 'Revoke key' }).click();
    await rowOf('build machine.*Revoked.* ago').waitFor();
    expect(await rowOf('build machine').textContent()).not.toContain('old secret until');
    expect([await answered(first), await answered(second)]).toEqual([401, 401]);
  });
}
