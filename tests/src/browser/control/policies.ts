import { expect, it } from 'vitest';
import { eventually } from '../browser-suite.ts';
import type { ControlSuite } from './control-suite.ts';

export function policyPages({ page, goTo, dialog, driven, suite }: ControlSuite): void {
  it('writes policies with what is wrong at its place, tries and explains them, and restores versions', {
    timeout: 90_000,
  }, async () => {
    suite.expectComplaints(/400/);
    const client = suite.server.client();
    const call = { callId: 'c1', tool: 'bash', arguments: { command: 'curl example.com' } };
    await client.journal.append(driven(), [{ type: 'tool_call', actor: 'coder', payload: call }]);
    const text = (effect: string) =>
      `name: net\ndefault: allow\nrules:\n  - id: curl\n    name: Nobody fetches\n    match:\n      commands:\n        - programs: [curl]\n    effect: ${effect}\n`;
    const field = page().getByRole('textbox', { name: 'Text of the policy' });
    await goTo('/policies');
    await page().getByRole('link', { name: 'house' }).waitFor();
    await page().getByRole('link', { name: 'New policy' }).click();
    await field.fill(text('maybe'));
    const make = page().getByRole('button', { name: 'Make the policy' });
    await page()
      .getByRole('button', { name: /Line 9: rules\.0\.effect/ })
      .click();
    expect(await field.evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart).trim())).toBe(
      'effect: maybe',
    );
    expect(await make.isDisabled()).toBe(true);
    await field.fill('name: [net\n');
    await page()
      .getByRole('button', { name: /^Line \d/ })
      .first()
      .waitFor();
    await field.fill(text('deny'));
    await page().getByText('Nothing is wrong with it').waitFor();

    await page().getByLabel('Command').fill('ls && curl x');
    await page().getByRole('button', { name: 'Explain' }).click();
    await page().getByRole('region', { name: 'Explanation' }).getByText('Nobody fetches').first().waitFor();
    await page().getByRole('button', { name: 'Dry run' }).click();
    await page()
      .getByRole('table', { name: 'Calls that were not simply allowed' })
      .getByRole('row', { name: /curl.*Refused.*Nobody fetches.*Mend the sums/ })
      .waitFor();
    await make.click();
    await page().getByRole('heading', { level: 1, name: 'net' }).waitFor();
    expect((await client.policies.get('net')).document.rules[0]?.effect).toBe('deny');

    await field.fill(text('warn'));
    await page().getByRole('button', { name: 'Save as a new version' }).click();
    await page().getByText('version 2', { exact: true }).waitFor();
    expect((await client.policies.get('net')).document.rules[0]?.effect).toBe('warn');
    await page().getByRole('button', { name: 'Compare version 1' }).click();
    await page()
      .getByRole('row', { name: /−\s*effect: deny/ })
      .waitFor();
    await page().getByRole('button', { name: 'Restore version 1' }).click();
    await dialog('Restore version 1?').getByRole('button', { name: 'Restore' }).click();
    await page().getByText('version 3', { exact: true }).waitFor();
    expect(await client.policies.get('net')).toMatchObject({ version: 3, document: { rules: [{ effect: 'deny' }] } });
    await page().getByRole('switch', { name: 'In force' }).click();
    await eventually(async () => (await client.policies.get('net')).enabled).toBe(false);
  });
}
