import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreateSession } from '@signalbox/client';
import { expect, it, vi } from 'vitest';
import { type ModelTurn, startLoopbackModel } from '../../opencode/loopback-model.ts';
import { eventually } from '../browser-suite.ts';
import type { ControlSuite } from './control-suite.ts';

/** The program takes seconds to come up, and longer on a busy machine. */
const LIMIT_MS = 240_000;
const PATIENCE_MS = 120_000;

/** What an agent that really runs is held by, and what it is told. @param program OpenCode, or null where there is none. */
export function agentApprovals(
  { page, at, rowOf, goTo, dialog, workspaceId, suite }: ControlSuite,
  program: string | null,
): void {
  const isThere = (path: string) =>
    access(at(path))
      .then(() => true)
      .catch(() => false);

  it.skipIf(program === null)(
    'of an agent: a deletion is approved, a write outside of src rejected, other arguments are held again',
    { timeout: LIMIT_MS },
    async () => {
      const bash = (command: string): ModelTurn => ({
        toolCalls: [{ name: 'bash', arguments: { command, description: 'Deletes' } }],
      });
      await using model = await startLoopbackModel([
        bash('rm -rf build'),
        { toolCalls: [{ name: 'write', arguments: { filePath: at('README.md'), content: 'by an agent\n' } }] },
        bash('rm -rf build dist'),
        { text: 'Done.' },
      ]);
      for (const name of ['build', 'dist']) {
        await mkdir(at(name));
        await writeFile(join(at(name), 'file'), name);
      }
      const told = (turn: number, what: string) =>
        vi.waitFor(() => expect(JSON.stringify(model.turns()[turn]?.messages ?? null)).toContain(what), {
          timeout: PATIENCE_MS,
          interval: 100,
        });

      // The file that is to be written is not there yet.
      suite.expectComplaints(/404/);
      await goTo('/approvals');
      await page().getByText('Nobody waits for you').waitFor();
      const { id } = await suite.server.client().sessions.create({
        title: 'Tidies up',
        initialPrompt: 'Tidy up.',
        runtime: 'opencode',
        workspaceId: workspaceId(),
        modelConfig: model.name,
        agentConfig: { opencode: model.opencodeConfig() } as CreateSession['agentConfig'],
        start: true,
      });

      // It comes by itself, and with keys alone it is let pass.
      await rowOf('bash: rm -rf build').waitFor({ timeout: PATIENCE_MS });
      await eventually(() => page().title()).toBe('(1) Signalbox');
      await page().keyboard.press('j');
      await page().keyboard.press('a');
      await dialog('Approve this?').getByText('rm -rf build', { exact: true }).waitFor();
      expect(await isThere('build/file')).toBe(true);
      await eventually(() => page().evaluate(() => document.activeElement?.textContent)).toBe('Approve');
      await page().keyboard.press('Enter');

      // What it would write is shown, and refused with a reason that the agent is told.
      await rowOf('write: .*README.md').waitFor({ timeout: PATIENCE_MS });
      expect(await isThere('build/file')).toBe(false);
      await page().keyboard.press('j');
      await page().keyboard.press('Enter');
      await page().getByRole('heading', { level: 1, name: 'write' }).waitFor();
      await page()
        .getByRole('table', { name: `Changes of ${at('README.md')}` })
        .getByText('by an agent')
        .waitFor();
      await page().getByText('Ask outside of src').waitFor();
      await page().keyboard.press('r');
      await dialog('Reject this?').getByLabel('Reason').fill('the readme is ours');
      await dialog('Reject this?').getByRole('button', { name: 'Reject', exact: true }).click();
      await told(2, 'the readme is ours');
      expect(await isThere('README.md')).toBe(false);

      // The same command with other arguments is another question; the session's page shows it too.
      await goTo(`/sessions/${id}`);
      const held = page().getByRole('region', { name: 'Held for an answer' });
      await held.getByRole('link', { name: 'bash: rm -rf build dist' }).waitFor({ timeout: PATIENCE_MS });
      expect(await readFile(at('dist/file'), 'utf8')).toBe('dist');
      await held.getByRole('button', { name: 'Reject…' }).click();
      await dialog('Reject this?').getByLabel('Reason').fill('only build');
      await dialog('Reject this?').getByRole('button', { name: 'Reject', exact: true }).click();
      await told(3, 'only build');
      await held.getByText('It waits').waitFor({ state: 'detached' });
      await vi.waitFor(async () => expect((await suite.server.client().sessions.get(id)).status).toBe('completed'), {
        timeout: PATIENCE_MS,
        interval: 100,
      });
      expect(await readFile(at('dist/file'), 'utf8')).toBe('dist');

      await goTo(`/approvals?show=decided&session=${id}`);
      await eventually(() => page().getByRole('row').count()).toBe(4);
      await rowOf('rm -rf build .*Approved').waitFor();
      await rowOf('README.md.*Rejected.*the readme is ours').waitFor();
      await eventually(() => page().title()).toBe('Signalbox');
    },
  );
}
