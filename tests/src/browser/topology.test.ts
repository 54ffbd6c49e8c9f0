import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { expectNoBarriers } from './colour-schemes.ts';
import { expectToFit } from './narrow-screen.ts';

const CODE = {
  'tsconfig.json': '{ "compilerOptions": { "lib": ["es2022"], "types": [], "module": "nodenext" } }',
  'src/money/rate.ts': '/** Of a sum. */\nexport function rate(sum: number): number {\n  return sum * 0.2;\n}\n',
  'src/bill.ts':
    "import { rate } from './money/rate.js';\nexport const bill = (sum: number): number => sum + rate(sum);\n",
  'src/money/rate.test.ts':
    "import { rate } from './rate.js';\ndeclare function test(name: string, run: () => void): void;\ntest('rates a sum', () => void rate(1));\n",
  'src/shop/sell.ts': "import { bill } from '../bill.js';\nexport function sell(): number {\n  return bill(3);\n}\n",
};

describe.skipIf(chromium === null)('the service map and the code graph in a browser', () => {
  let approvalId = '';
  let workspaceId = '';
  const suite = browserSuite(async (server) => {
    const client = server.client();
    const edge = (source: string, target: string, more: object = {}) => ({ source, target, ...more });
    await client.topology.ingest({
      at: '2026-01-01T00:00:00Z',
      discoverySource: 'backstage',
      dependencies: [edge('reports', 'ledger'), edge('web', 'search')],
    });
    await client.topology.markStale('2026-01-02T00:00:00Z');
    await client.topology.ingest({
      discoverySource: 'opentelemetry',
      services: [
        { key: 'web', name: 'Web shop', criticality: 'high', team: 'shop' },
        { key: 'checkout', name: 'Checkout', criticality: 'critical', team: 'shop' },
        { key: 'billing', name: 'Billing', criticality: 'medium', team: 'money' },
        { key: 'ledger', name: 'Ledger', criticality: 'high', team: 'money' },
        { key: 'reports', name: 'Reports', criticality: 'low' },
      ],
      dependencies: [
        edge('web', 'checkout', { mode: 'sync', protocol: 'http' }),
        edge('checkout', 'billing', { confidence: 0.8 }),
        edge('billing', 'ledger', { mode: 'async', protocol: 'amqp' }),
        edge('ledger', 'audit-trail'),
        edge('audit-trail', 'billing', { environment: 'prod' }),
        edge('search', 'catalog', { environment: 'test' }),
        edge('catalog', 'search', { environment: 'test' }),
      ],
      codeRules: [{ kind: 'path', service: 'ledger', pattern: 'services/ledger/**' }],
    });
    const session = await client.sessions.create({ title: 'Round the ledger', initialPrompt: 'Round it.' });
    const { id } = await client.approvals.request({
      subject: 'tool_call',
      sessionId: session.id,
      tool: 'write',
      arguments: { filePath: 'services/ledger/round.ts', content: 'round' },
      workingDirectory: server.workspace,
    });
    approvalId = id;
    await mkdir(join(server.workspace, 'src/money'), { recursive: true });
    await mkdir(join(server.workspace, 'src/shop'));
    for (const [path, text] of Object.entries(CODE)) await writeFile(join(server.workspace, path), text);
    workspaceId = (await client.workspaces.create({ path: server.workspace })).id;
  });
  const page = () => suite.page;
  const box = (key: string) => page().locator(`[data-service="${key}"]`);

  it('shows criticality, staleness and circles, and of a chosen service its own dependencies', {
    timeout: 120_000,
  }, async () => {
    await page().goto(`${suite.server.url}/topology`);
    await box('checkout').waitFor();
    expect(await box('checkout').textContent()).toContain('Critical');
    expect(await box('audit-trail').textContent()).toContain('only named');
    expect(await page().locator('[data-service]').count()).toBe(8);
    await eventually(() => page().locator('[data-service][data-cycle]').count()).toBe(5);
    // Each stands left of what it depends on.
    const left = async (key: string) => (await box(key).boundingBox())?.x ?? 0;
    const order = await Promise.all(['web', 'checkout', 'billing', 'ledger'].map(left));
    expect([...order].sort((a, b) => a - b)).toEqual(order);
    const stale = page().locator('[data-edge="reports ledger"]');
    expect(await stale.textContent()).toContain('stale');
    await expectNoBarriers(page(), 'topology');
    await expectToFit(page(), 'topology');

    const ofTest = page().locator('[data-edge="search catalog"]');
    const second = page().locator('tr[data-cycle="catalog search"]');
    await second.waitFor();
    const choose = async (environment: string) => {
      await page().getByRole('combobox', { name: 'Environment' }).click();
      await page().getByRole('option', { name: environment }).click();
    };
    const ofProd = page().locator('[data-edge="audit-trail billing"]');
    const shown = async () => [await ofProd.count(), await ofTest.count(), await second.count()];
    await choose('prod');
    await eventually(() => page().url()).toContain('environment=prod');
    await eventually(shown).toEqual([1, 0, 0]);
    await choose('test');
    await eventually(shown).toEqual([0, 1, 1]);
    // Who resolves a circle says that it may be: nothing of the map changes.
    await second.getByRole('button', { name: 'Resolve' }).click();
    await eventually(shown).toEqual([0, 1, 0]);
    await page().goto(`${suite.server.url}/topology`);
    await stale.waitFor();

    await page().getByRole('switch', { name: 'Stale dependencies' }).click();
    await eventually(() => stale.count()).toBe(0);
    await box('billing').click();
    await eventually(() => page().locator('[data-edge]').count()).toBe(3);
    expect(page().url()).toContain('service=billing');
    await page().getByRole('group', { name: 'checkout, critical' }).press('Enter');
    await eventually(() => page().url()).toContain('service=checkout');
    await eventually(() => page().locator('[data-edge]').count()).toBe(2);

    const circle = page().locator('tr[data-cycle="audit-trail billing ledger"]');
    expect(await circle.textContent()).toContain('prod');
    await circle.getByRole('button', { name: 'Acknowledge' }).click();
    await eventually(() => circle.textContent()).toContain('acknowledged by');
    // Cut, the circle goes off the page by itself.
    const client = suite.server.client();
    const { items } = await client.topology.listDependencies({ source: 'audit-trail' });
    await client.topology.deleteDependency(items[0]?.id ?? '');
    await eventually(() => circle.count()).toBe(0);
    // The other one, which is there still, was found again.
    const statuses = async () =>
      Object.fromEntries(
        (await client.topology.cycles()).items.map(({ environment, status }) => [environment, status]),
      );
    await eventually(statuses).toEqual({ prod: 'resolved', test: 'open' });
  });

  it('tells people what a call can break that they are asked about', { timeout: 60_000 }, async () => {
    await page().goto(`${suite.server.url}/approvals/${approvalId}`);
    const panel = page().getByRole('region', { name: 'What this can break' });
    await panel.waitFor();
    expect(await panel.locator('[data-reached="checkout"]').textContent()).toContain('checkout → billing → ledger');
    expect(await panel.locator('header').textContent()).toContain('Critical');
    await expectNoBarriers(page(), 'approval-reach');
    await panel.getByRole('link', { name: 'checkout' }).click();
    await box('checkout').waitFor();
  });

  it('finds code by name, shows who calls it and what is around it, and goes on from there', {
    timeout: 120_000,
  }, async () => {
    const client = suite.server.client();
    await page().goto(`${suite.server.url}/graph`);
    await page().getByText('No code was read yet').waitFor();
    const { id } = await client.graph.index({ workspaceId });
    await eventually(async () => (await client.graph.indexJob(id)).status).toBe('completed');
    // The page hears of it.
    await page().getByText('Find something').waitFor();
    await page().getByRole('textbox', { name: 'Find in the code' }).fill('rate');
    await page().getByRole('region', { name: 'Found' }).getByRole('link', { name: 'rate', exact: true }).press('Enter');
    const list = (name: string) => page().getByRole('region', { name });
    await list('Callers').getByRole('link', { name: 'bill' }).waitFor();
    expect(await list('rate').textContent()).toContain('src/money/rate.ts:2');
    expect(await list('rate').textContent()).toContain('Of a sum.');
    expect(await list('History').locator('[data-version]').count()).toBe(1);
    await list('Tests').getByRole('link', { name: 'src/money/rate.test.ts' }).waitFor();
    // People and sessions come to it while it is looked at.
    expect([await list('Documents').count(), await list('Sessions').count()]).toEqual([0, 0]);
    const [rate] = (await client.graph.search({ query: 'rate', limit: 1 })).results;
    const documented = {
      type: 'DOCUMENTED_BY' as const,
      fromEntityId: rate?.id ?? '',
      toEntityId: 'file:docs/rates.md',
    };
    await client.graph.ingest({ units: [{ unit: null, relationships: [documented] }] });
    await list('Documents').getByRole('link', { name: 'docs/rates.md' }).waitFor();
    await client.sessions.create({
      title: 'Remark on rates',
      initialPrompt: 'remark',
      runtime: 'command',
      command: ['sh', '-ec', 'echo "// by law" >> src/money/rate.ts'],
      workspaceId,
      start: true,
    });
    await list('Sessions').getByRole('link', { name: 'Remark on rates' }).waitFor();
    const around = list('Around it');
    await around.locator('[data-entity][data-role="using"]').first().waitFor();
    await expectNoBarriers(page(), 'graph');
    await expectToFit(page(), 'graph');

    await around.getByRole('button', { name: 'src', exact: true }).press('Enter');
    await eventually(() => page().url()).toContain('inside=src');
    // By its picture to who calls it, and by the address back to the same.
    await around.locator('[data-entity*="bill.ts#bill"]').click();
    await list('Callers').getByRole('link', { name: 'sell' }).waitFor();
    await list('Callees').getByRole('link', { name: 'rate' }).waitFor();
    await page().reload();
    await list('Callers').getByRole('link', { name: 'sell' }).waitFor();
    await writeFile(join(suite.server.workspace, 'src/shop/sell.ts'), 'export const sell = 1;\n');
    await client.graph.index({ workspaceId });
    await eventually(() => list('Callers').count()).toBe(0);
  });
});
