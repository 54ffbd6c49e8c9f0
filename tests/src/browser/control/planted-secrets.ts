import type { Response } from 'playwright-core';
import { expect, it } from 'vitest';
import type { ControlSuite } from './control-suite.ts';

const mark = () => crypto.randomUUID().replaceAll('-', '');
/** Known to the server by its settings, and by its form alone. */
export const REGISTERED = `planted-${mark()}`;
const SHAPED = `ghp_${mark()}${mark().slice(0, 4)}`;

/** Every page that tells of what somebody wrote, as a person sees it and as the server answered what it asked for. */
export function plantedSecrets({ suite, page, driven, ask, goTo }: ControlSuite): void {
  it('shows no secret on any page, whatever it was written into', { timeout: 120_000 }, async () => {
    const client = suite.server.client();
    const secrets = `${REGISTERED} and ${SHAPED}`;
    const id = await ask({ arguments: { command: `deploy ${secrets}` }, terms: { reason: `It needs ${secrets}.` } });
    await client.approvals.comment(id, `Is it ${secrets}?`);
    const output = { type: 'output', actor: 'coder', payload: { text: `said ${secrets}\n` } } as const;
    const call = { callId: 'secret', tool: 'bash', arguments: { command: `echo ${secrets}` } };
    await client.journal.append(driven(), [output, { type: 'tool_call', actor: 'coder', payload: call }]);
    const spoken = await client.sessions.create({ title: `Uses ${secrets}`, description: secrets, initialPrompt: 'x' });
    const { taskId } = await client.tasks.enqueue({ type: 'deploy.work', payload: { with: secrets } });
    const hook = { url: 'http://127.0.0.1:9/', events: ['policy'], description: `tells of ${SHAPED}` };
    const webhook = (await client.webhooks.create(hook)).id;

    const told: Promise<string>[] = [];
    const listen = (response: Response) => {
      // A stream has no end to wait for; what it brings is on the page.
      if (!/json/.test(response.headers()['content-type'] ?? '')) return;
      told.push(response.text().catch(() => ''));
    };
    page().on('response', listen);
    try {
      for (const [path, sign] of [
        ['/sessions', 'Uses [redacted]'],
        [`/sessions/${driven()}`, 'said [redacted]'],
        [`/sessions/${spoken.id}`, 'Uses [redacted]'],
        ['/approvals', 'deploy [redacted]'],
        [`/approvals/${id}`, 'Is it [redacted]'],
        ['/tasks', 'deploy.work'],
        [`/tasks/${taskId}`, '[redacted]'],
        ['/webhooks', 'tells of [redacted]'],
        [`/webhooks/${webhook}`, 'tells of [redacted]'],
        ['/audit', 'approval.comment'],
      ] as const) {
        await goTo(path);
        await page().getByText(sign).first().waitFor();
        const shown = await page().content();
        expect([path, shown.includes(REGISTERED), shown.includes(SHAPED)]).toEqual([path, false, false]);
      }
    } finally {
      page().off('response', listen);
    }
    const answered = (await Promise.all(told)).join('\n');
    expect(answered).toContain('[redacted]');
    expect([answered.includes(REGISTERED), answered.includes(SHAPED)]).toEqual([false, false]);
    await client.webhooks.delete(webhook, (await client.webhooks.get(webhook)).version);
    await suite.server.client('bea').approvals.reject(id, 'not from here');
  });
}
