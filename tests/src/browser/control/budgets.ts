import { expect, it } from 'vitest';
import { eventually } from '../browser-suite.ts';
import type { ControlSuite } from './control-suite.ts';

export function budgetPage({ page, rowOf, goTo, dialog, driven, suite }: ControlSuite): void {
  it('shows what budgets have left, live, and raises one that is used up', { timeout: 180_000 }, async () => {
    const client = suite.server.client();
    const meter = (label: string) => page().getByRole('meter', { name: label });
    const told = async (event: object) => {
      const report = { eventId: crypto.randomUUID(), event: { conversation: 'spends', directory: '/nowhere', event } };
      const headers = { 'content-type': 'application/json', 'x-signalbox-actor': 'spender' };
      const path = `${suite.server.url}/api/v1/hooks/opencode`;
      expect((await fetch(path, { method: 'POST', headers, body: JSON.stringify(report) })).status).toBe(200);
    };
    const none = { reasoningTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, costUsd: null };
    const uses = (inputTokens: number) => told({ type: 'usage', model: null, inputTokens, ...none });
    await told({ type: 'prompt', text: 'Spend it' });
    await goTo('/budgets');
    await page().getByText('No budgets yet').waitFor();
    await page().getByRole('button', { name: 'New budget' }).click();
    await dialog('New budget').getByRole('button', { name: 'Make the budget' }).click();
    await dialog('New budget').getByText('Give it a name.').waitFor();
    await dialog('New budget').getByText('Limit at least one of them.').waitFor();
    await dialog('New budget').getByLabel('Name').fill('sums');
    await dialog('New budget').getByRole('combobox', { name: 'It counts' }).click();
    await page().getByRole('option', { name: 'what one agent runs' }).click();
    await dialog('New budget').getByLabel('Name of the agent').fill('spender');
    await dialog('New budget').getByLabel('Tokens, of all kinds').fill('1000');
    await dialog('New budget').getByLabel('Cost, in US dollars').fill('2.5');
    await page().keyboard.press('Enter');
    await rowOf('sums.*Suffices.* 0 of 1K.*what spender runs').waitFor();
    expect(await client.budgets.get('sums')).toMatchObject({
      limits: { tokens: 1000, costUsd: 2.5 },
      warningShare: 0.8,
    });

    // What is spent shows by itself.
    await uses(850);
    await rowOf('sums.*Nearly used up.*850 of 1K').waitFor();
    expect(await meter('Tokens of sums').getAttribute('aria-valuetext')).toBe('850 of 1K');
    await uses(150);
    await rowOf('sums.*Used up.*1K of 1K').waitFor();

    // With keys alone it is raised where it is used up.
    await page().keyboard.press('j');
    await page().keyboard.press('Enter');
    await dialog('Change sums').waitFor();
    await eventually(() => page().evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('1,000');
    await page().keyboard.press('ControlOrMeta+a');
    await page().keyboard.type('4000');
    await page().keyboard.press('Enter');
    await page().getByText('What stood still for it goes on.').waitFor();
    await rowOf('sums.*Suffices.*1K of 4K').waitFor();
    expect((await client.budgets.get('sums')).limits).toEqual({ tokens: 4000, costUsd: 2.5 });
    const once = { name: 'once', owner: { scope: 'session', sessionId: driven() }, limits: { toolCalls: 3 } } as const;
    await client.budgets.create(once);
    await rowOf('once.*0 of 3.*Mend the sums').waitFor();
    await page().getByRole('button', { name: 'Remove once…' }).click();
    await dialog('Remove once?').getByRole('button', { name: 'Remove budget' }).click();
    await rowOf('once').waitFor({ state: 'detached' });
  });
}
