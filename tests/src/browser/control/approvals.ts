import { expect, it } from 'vitest';
import { eventually } from '../browser-suite.ts';
import type { ControlSuite } from './control-suite.ts';

export function approvalPages({ page, at, rowOf, goTo, ask, look, dialog, suite }: ControlSuite): void {
  it('takes answers of different people up to the quorum, and comments', { timeout: 60_000 }, async () => {
    const id = await ask({ arguments: { command: 'terraform apply' }, terms: { quorum: 2 } });
    await goTo(`/approvals/${id}`);
    await page().getByText('0 of 2').waitFor();
    expect(await page().getByRole('button', { name: 'Edit and approve…' }).count()).toBe(0);
    await page().getByRole('textbox', { name: 'Comment' }).fill('Which account?');
    await page().getByRole('button', { name: 'Comment', exact: true }).click();
    await page().getByRole('listitem').getByText('Which account?').waitFor();
    await page().getByRole('button', { name: 'Approve…' }).click();
    await dialog('Approve this?').getByText('1 more person').waitFor();
    await dialog('Approve this?').getByRole('button', { name: 'Approve' }).click();
    await page().getByText('1 of 2').first().waitFor();
    expect((await look(id)).status).toBe('pending');
    // Somebody else decides it: the page tells of it by itself.
    await suite.server.client('bea').approvals.approve(id, 'the one for tests');
    await page().getByText('the one for tests').first().waitFor();
    await page().getByText('Approved', { exact: true }).first().waitFor();
    expect(await page().getByRole('button', { name: 'Approve…' }).count()).toBe(0);
  });

  it('shows what an edit would change, and lets something else pass in its place', { timeout: 60_000 }, async () => {
    const edit = { filePath: at('src/sum.ts'), oldString: 'Math.floor', newString: 'Math.round', replaceAll: false };
    const id = await ask({ tool: 'edit', workingDirectory: suite.server.workspace, arguments: edit });
    await goTo(`/approvals/${id}`);
    const changes = page().getByRole('table', { name: `Changes of ${edit.filePath}` });
    await changes.getByRole('row', { name: /−\s*return Math.floor/ }).waitFor();
    await changes.getByRole('row', { name: /\+\s*return Math.round/ }).waitFor();
    await changes.getByRole('row', { name: /const sum/ }).waitFor();
    await page().keyboard.press('e');
    const form = dialog('Approve something else than was asked for?');
    await form.getByLabel('replaceAll').fill('maybe');
    await form.getByText('It is no JSON').waitFor();
    expect(await form.getByRole('button', { name: 'Approve as it stands here' }).isDisabled()).toBe(true);
    await form.getByLabel('replaceAll').fill('true');
    await form.getByLabel('newString').fill('Math.trunc');
    await form.getByRole('button', { name: 'Approve as it stands here' }).click();
    await page().getByText('Approved in its place').waitFor();
    expect(await look(id)).toMatchObject({
      status: 'approved',
      editedArguments: { ...edit, newString: 'Math.trunc', replaceAll: true },
    });
  });

  it('tells at once of what was decided by somebody else meanwhile', { timeout: 60_000 }, async () => {
    suite.expectComplaints(/409/);
    const id = await ask({ tool: 'deploy', arguments: { command: 'make' } });
    await goTo('/approvals?tool=deploy');
    await rowOf('deploy: make').waitFor();
    await page().keyboard.press('j');
    await page().keyboard.press('r');
    await dialog('Reject this?').getByLabel('Reason').fill('too late');
    await suite.server.client('bea').approvals.approve(id);
    await dialog('Reject this?').getByRole('button', { name: 'Reject', exact: true }).click();
    await eventually(() => dialog('Reject this?').textContent()).toContain('is approved already, by bea');
    await page().keyboard.press('Escape');
    await rowOf('deploy: make').waitFor({ state: 'detached' });
    expect((await look(id)).status).toBe('approved');
  });
}
