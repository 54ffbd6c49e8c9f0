import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CreateSession } from '@signalbox/client';
import { createOpencodeRuntime } from '@signalbox/runtimes';
import { afterAll, describe, expect, it } from 'vitest';
import { type ModelTurn, startLoopbackModel } from '../opencode/loopback-model.ts';
import { opencodeOrSkip } from '../opencode/opencode-program.ts';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { expectNoBarriers } from './colour-schemes.ts';

const program = await opencodeOrSkip(1);
const stateDir = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-opencode-')));
/** The program takes seconds to come up, and longer on a busy machine. */
const LIMIT_MS = 600_000;
const PATIENCE = { timeout: 120_000, interval: 100 };

const FILES = {
  'tsconfig.json': JSON.stringify({
    compilerOptions: { lib: ['es2022'], types: [], module: 'nodenext', strict: true },
  }),
  'packages/money/rate.ts': 'export function rate(sum: number): number {\n  return sum * 0.2;\n}\n',
  'services/billing/bill.ts':
    "import { rate } from '../../packages/money/rate.js';\n\nexport function bill(sum: number): number {\n  return sum + rate(sum);\n}\n",
  'services/mail/greet.ts': "export function greet(): string {\n  return 'Hello';\n}\n",
  'generate.sh':
    "printf 'export function rate(sum: number): number {\\n  return sum;\\n}\\n' > packages/money/rate.ts\n",
  'compose.yaml': `services:
  billing: { build: ./services/billing }
  checkout:
    image: checkout
    depends_on: [billing]
    labels: { signalbox.dev/criticality: critical }
  mail:
    build: ./services/mail
    labels: { signalbox.dev/criticality: low }
`,
};

const POLICY = {
  name: 'far',
  rules: [
    {
      id: 'far',
      name: 'What reaches far',
      match: { reach: ['high' as const, 'critical' as const] },
      effect: 'require_approval' as const,
    },
  ],
  default: 'allow' as const,
};

describe.skipIf(chromium === null || program === null)('the reach of what an agent does, in a browser', () => {
  let workspaceId = '';
  const suite = browserSuite(
    async (server) => {
      const client = server.client();
      for (const [path, text] of Object.entries(FILES)) {
        await mkdir(dirname(join(server.workspace, path)), { recursive: true });
        await writeFile(join(server.workspace, path), text);
      }
      workspaceId = (await client.workspaces.create({ path: server.workspace })).id;
      await client.topology.import({ format: 'compose', text: FILES['compose.yaml'], workspaceId });
      await client.policies.create({ document: POLICY });
    },
    { runtimes: program === null ? [] : [createOpencodeRuntime({ stateDir, program })] },
  );
  afterAll(() => rm(stateDir, { recursive: true, force: true }));

  const page = () => suite.page;
  const at = (path: string) => join(suite.server.workspace, path);
  const openHeld = async (what: string) => {
    await page().goto(`${suite.server.url}/approvals`);
    const row = page().getByRole('row', { name: new RegExp(what) });
    await row.waitFor({ timeout: PATIENCE.timeout });
    await row.getByRole('link').first().click();
    await page().getByRole('region', { name: 'What this can break' }).waitFor();
    return page().getByRole('region', { name: 'What this can break' });
  };
  const approve = async () => {
    await page().keyboard.press('a');
    const dialog = page().getByRole('dialog', { name: 'Approve this?' });
    await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  };

  it('a leaf is edited at once; a function that a service uses on which a critical one depends is held, with the chain', {
    timeout: LIMIT_MS,
  }, async () => {
    const client = suite.server.client();
    const job = await client.graph.index({ workspaceId });
    await expect.poll(async () => (await client.graph.indexJob(job.id)).status, PATIENCE).toBe('completed');
    const call = (name: string, given: Record<string, unknown>): ModelTurn => ({
      toolCalls: [{ name, arguments: given }],
    });
    const edit = (path: string, oldString: string, newString: string) =>
      call('edit', { filePath: at(path), oldString, newString });
    await using model = await startLoopbackModel([
      call('read', { filePath: at('services/mail/greet.ts') }),
      edit('services/mail/greet.ts', 'Hello', 'Good day'),
      call('read', { filePath: at('packages/money/rate.ts') }),
      edit('packages/money/rate.ts', '0.2', '0.25'),
      call('bash', { command: 'sh generate.sh', description: 'Generates' }),
      call('read', { filePath: at('services/billing/bill.ts') }),
      { text: 'Done.' },
    ]);
    const { id } = await client.sessions.create({
      title: 'Raises the rate',
      initialPrompt: 'Greet better, and raise the rate.',
      runtime: 'opencode',
      workspaceId,
      modelConfig: model.name,
      agentConfig: { opencode: model.opencodeConfig() } as CreateSession['agentConfig'],
      start: true,
    });

    const held = await openHeld('edit: .*rate.ts');
    expect(await readFile(at('services/mail/greet.ts'), 'utf8')).toContain('Good day');
    expect(await readFile(at('packages/money/rate.ts'), 'utf8')).toBe(FILES['packages/money/rate.ts']);
    expect((await client.approvals.list()).items).toMatchObject([{ tool: 'edit', policy: { ruleId: 'far' } }]);
    expect(await held.locator('header').textContent()).toContain('Critical');
    expect(await held.locator('[data-using="billing"]').textContent()).toContain('bill → rate');
    expect(await held.locator('[data-reached="checkout"]').textContent()).toContain('checkout → billing');
    expect(await held.textContent()).not.toContain('mail');
    await expectNoBarriers(page(), 'reach-held');
    await approve();

    // What the shell would write nobody knew: the session is held before its next call, which only reads.
    const after = await openHeld('read: .*bill.ts');
    expect(await readFile(at('packages/money/rate.ts'), 'utf8')).toContain('return sum;');
    // What was written is read into the graph by itself; until then the reach is unknown, which counts as high.
    await eventually(() => after.locator('header').textContent()).toContain('Critical');
    await eventually(() => after.locator('[data-reached="checkout"]').count()).toBe(1);
    await approve();
    await expect.poll(async () => (await client.sessions.get(id)).status, PATIENCE).toBe('completed');

    await page().goto(`${suite.server.url}/sessions/${id}`);
    const whole = page().getByRole('region', { name: 'What this can break' });
    await eventually(() => whole.locator('[data-reached="checkout"]').count()).toBe(1);
    await expectNoBarriers(page(), 'reach-session');
  });
});
