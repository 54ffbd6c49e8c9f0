import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { ControlSuite } from './control-suite.ts';

export function auditPages({ page, goTo }: ControlSuite): void {
  it('verifies the chain of the audit, and hands what is filtered out as files', { timeout: 60_000 }, async () => {
    await goTo('/audit?action=key.');
    await page().getByText('key.rotate').first().waitFor();
    await page().getByRole('button', { name: 'Verify' }).click();
    await page().getByText('The record is intact').waitFor();
    for (const [label, lines] of [
      ['JSON Lines', 3],
      ['CSV', 4],
    ] as const) {
      const download = page().waitForEvent('download');
      await page().getByRole('button', { name: label }).click();
      const text = await readFile(await (await download).path(), 'utf8');
      expect(text.trim().split('\n')).toHaveLength(lines);
      expect([text.includes('key.rotate'), text.includes('policy.create')]).toEqual([true, false]);
    }
  });
}
