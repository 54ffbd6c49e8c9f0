import { access, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateSession, RequestApproval } from '@signalbox/client';
import { createOpencodeRuntime } from '@signalbox/runtimes';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { type ModelTurn, startLoopbackModel } from '../opencode/loopback-model.ts';
import { opencodeOrSkip } from '../opencode/opencode-program.ts';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { auditPage } from './page-audit.ts';
import { keepScreenshot } from './screenshots.ts';

const program = await opencodeOrSkip(1);
const stateDir = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-opencode-')));
/** The program takes seconds to come up, and longer on a busy machine. */
const LIMIT_MS = 240_000;
const PATIENCE_MS = 120_000;
const SCHEMES = ['light', 'dark'] as const;

const POLICY = {
  name: 'house',
  rules: [
    {
      id: 'ask-rm',
      name: 'Ask before deleting',
      match: { commands: [{ programs: ['rm'] }] },
      effect: 'require_approval' as const,
      approval: { reason: 'It deletes.' },
    },
    {
      id: 'ask-out',
      name: 'Ask outside of src',
      match: { tools: ['write'], paths: { outside: ['src/**'] } },
      effect: 'require_approval' as const,
    },
  ],
  default: 'allow' as const,
};

describe.skipIf(chromium === null)('approvals, policies, keys and the audit in a browser', () => {
  let workspaceId = '';
  let driven = '';
  const suite = browserSuite(
    async (server) => {
      const client = server.client();
      await mkdir(join(server.workspace, 'src'));
      await writeFile(join(server.workspace, 'src/sum.ts'), 'const sum = a + b;\nreturn Math.floor(sum);\n');
      workspaceId = (await client.workspaces.create({ path: server.workspace })).id;
      await client.policies.create({ document: POLICY });
      const work = { title: 'Mend the sums', initialPrompt: 'Mend them.', workspaceId, start: true };
      driven = (await client.sessions.create(work)).id;
    },
    {
      runtimes: program === null ? [] : [createOpencodeRuntime({ stateDir, program })],
      settings: { SIGNALBOX_WEBHOOKS_ALLOW_PRIVATE: 'true' },
    },
  );
  afterAll(() => rm(stateDir, { recursive: true, force: true }));

  const page = () => suite.page;
  const at = (path: string) => join(suite.server.workspace, path);
  const isThere = (path: string) =>
    access(at(path))
      .then(() => true)
      .catch(() => false);
  const rowOf = (what: string) => page().getByRole('row', { name: new RegExp(what) });
  const goTo = (path: string) => page().goto(suite.server.url + path);
  const ask = async (asked: RequestApproval, actor = 'coder') =>
    (await suite.server.client(actor).approvals.request({ sessionId: driven, tool: 'bash', ...asked })).id;
  const look = (id: string) => suite.server.client().approvals.get(id);
  const dialog = (name: string) => page().getByRole('dialog', { name });

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
        workspaceId,
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

  it('writes policies with what is wrong at its place, tries and explains them, and restores versions', {
    timeout: 90_000,
  }, async () => {
    suite.expectComplaints(/400/);
    const client = suite.server.client();
    const call = { callId: 'c1', tool: 'bash', arguments: { command: 'curl example.com' } };
    await client.journal.append(driven, [{ type: 'tool_call', actor: 'coder', payload: call }]);
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
    await rowOf('build machine.*Revoked').waitFor();
    expect([await answered(first), await answered(second)]).toEqual([401, 401]);
  });

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
    const once = { name: 'once', owner: { scope: 'session', sessionId: driven }, limits: { toolCalls: 3 } } as const;
    await client.budgets.create(once);
    await rowOf('once.*0 of 3.*Mend the sums').waitFor();
    await page().getByRole('button', { name: 'Remove once…' }).click();
    await dialog('Remove once?').getByRole('button', { name: 'Remove budget' }).click();
    await rowOf('once').waitFor({ state: 'detached' });
  });

  it('makes webhooks whose secret is shown once, tells what came of messages, and sends them again', {
    timeout: 180_000,
  }, async () => {
    const client = suite.server.client();
    const heard: string[] = [];
    let answer = 500;
    const receiver = createHttpServer((request, response) => {
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
      await client.policies.create({ document: { ...POLICY, name: 'told' } });
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
      await goTo('/approvals');
      await rowOf('curl').waitFor();
      await rowOf('in 49m|in 50m').waitFor();
      await sees('approvals');
      await page().keyboard.press('j');
      await page().keyboard.press('a');
      await dialog('Approve this?').waitFor();
      await sees('approve');
      await page().keyboard.press('Escape');
      await goTo(`/approvals/${id}`);
      await page().getByText('It goes to the network.').waitFor();
      await sees('approval');
      await page().keyboard.press('e');
      await dialog('Approve something else than was asked for?').waitFor();
      await sees('edit-approval');
      await page().keyboard.press('Escape');
      await goTo(`/sessions/${driven}`);
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
      }
    });
  }
});
