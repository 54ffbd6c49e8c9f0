import type { Session } from '@signalbox/client';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { AliveAgents } from './alive-agents.ts';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { started } from './sample-fleet.ts';
import { WritingRuntime } from './writing-runtime.ts';

/** The server looks after its agents every five seconds, and calls nobody dead at its first look. */
const DEATH_MS = 45_000;
/** What is promised: both sessions' pages warn this long after the second write. */
const WARNED_MS = 1_000;
/** Guarded with ten times that, for machines that do other things too; the figures are printed. */
const GUARD_MS = WARNED_MS * 10;

describe.skipIf(chromium === null)('coordination in a browser', () => {
  const runtime = new WritingRuntime();
  let workspaceId = '';
  const suite = browserSuite(
    async (server) => {
      const client = server.client();
      const { version } = await client.agents.settings();
      await client.agents.configure(version, { heartbeatInterval: 0.5, heartbeatTimeout: 2, maxMissedHeartbeats: 2 });
      workspaceId = (await client.workspaces.create({ path: server.workspace })).id;
    },
    { runtimes: [runtime] },
  );
  const open = async (path: string, page: Page = suite.page) => {
    await page.goto(suite.server.url + path);
    await page.getByText('Live', { exact: true }).waitFor();
  };
  const agentRow = (id: string) => suite.page.locator(`[data-agent="${id}"]`);

  /** A session whose agent is at work and waits to be told what to write. */
  const writer = async (title: string): Promise<Session> => {
    const session = await suite.server
      .client()
      .sessions.create({ title, initialPrompt: 'Write', runtime: 'opencode', workspaceId, start: true });
    await eventually(() => runtime.runs(session.id)).toBe(true);
    return session;
  };

  it('says honestly that there is nothing', async () => {
    await open('/agents');
    await suite.page.getByText('No agent is registered').waitFor();
    await open('/locks');
    await suite.page.getByText('No lock is held').waitFor();
    await open('/paths');
    await suite.page.getByText('No paths are claimed').waitFor();
    await suite.page.getByText('No conflict waits to be seen').waitFor();
  });

  it('shows an agent die and come back while somebody looks', { timeout: 120_000 }, async () => {
    const client = suite.server.client();
    await client.agents.register({ id: 'steady', type: 'coder', maxLoad: 4 });
    await client.agents.register({ id: 'mortal', type: 'coder', capabilities: ['node@24.1.0'], maxLoad: 2 });
    const { taskId } = await client.tasks.enqueue({ type: 'lint', queue: 'work', payload: {} });
    await client.agents.claim('mortal', { queues: ['work'], leaseSeconds: 600 });
    await using _alive = new AliveAgents(client, ['steady']);

    await open('/agents');
    await agentRow('mortal').getByText('1 of 2').waitFor();
    await agentRow('mortal').getByText('node 24.1.0').waitFor();
    await agentRow('mortal').getByText('Dead').waitFor({ timeout: DEATH_MS });
    await agentRow('mortal').getByText('0 of 2').waitFor();
    await suite.page.getByRole('link', { name: '1 Dead' }).waitFor();
    expect(await agentRow('steady').getByText('Active').count()).toBe(1);
    await eventually(async () => (await client.tasks.get(taskId)).status).toBe('queued');

    await agentRow('mortal').getByRole('link', { name: 'mortal' }).click();
    await suite.page.getByText('Taken for dead').waitFor();
    await suite.page.getByText('It holds no task.').waitFor();
    await client.agents.heartbeat('mortal');
    await suite.page.locator('header').getByText('Active', { exact: true }).waitFor();
    await suite.page.getByRole('link', { name: 'Agents', exact: true }).first().click();
    await agentRow('mortal').getByText('Active').waitFor();
    await client.agents.unregister('mortal');
    await agentRow('mortal').waitFor({ state: 'detached' });
    await client.agents.unregister('steady');
  });

  it('narrows agents by what stands in the address', async () => {
    const client = suite.server.client();
    const agents = ['alpha', 'beta', 'gamma'];
    for (const id of agents)
      await client.agents.register({
        id,
        type: id === 'gamma' ? 'tester' : 'coder',
        capabilities: id === 'beta' ? ['rust'] : ['node'],
      });
    await using _alive = new AliveAgents(client, agents);
    const names = () => suite.page.locator('[data-agent] a[data-row]').allTextContents();
    await open('/agents?type=coder&sort=name');
    await eventually(names).toEqual(['alpha', 'beta']);
    await suite.page.getByLabel('Capability', { exact: true }).fill('rust');
    await suite.page.waitForURL('**/agents?**capability=rust**');
    await eventually(names).toEqual(['beta']);
    await open('/agents?q=nobody');
    await suite.page.getByText('No agent fits these filters').waitFor();
    await suite.page.getByRole('button', { name: 'Clear the filters' }).click();
    await eventually(names).toEqual(agents);
    for (const id of agents) await client.agents.unregister(id);
  });

  it('drains, maintains, resumes and unregisters after a question each', { timeout: 60_000 }, async () => {
    const client = suite.server.client();
    await client.agents.register({ id: 'governed' });
    await using _alive = new AliveAgents(client, ['governed']);
    await open('/agents/governed');
    const badge = suite.page.locator('header span[data-status]');
    const decide = async (button: string, confirm: string, leave = false) => {
      await suite.page.getByRole('button', { name: button, exact: true }).click();
      const dialog = suite.page.getByRole('dialog');
      await dialog.getByRole('button', { name: leave ? 'Go back' : confirm, exact: true }).click();
      await dialog.waitFor({ state: 'hidden' });
    };
    await decide('Drain', 'Drain agent', true);
    expect((await client.agents.get('governed')).duty).toBe('active');
    await decide('Drain', 'Drain agent');
    await eventually(() => badge.textContent()).toBe('Draining');
    await decide('Maintenance', 'Put into maintenance');
    await eventually(() => badge.textContent()).toBe('Maintenance');
    expect((await client.agents.get('governed')).duty).toBe('maintenance');
    await decide('Resume', 'Resume agent');
    await eventually(() => badge.textContent()).toBe('Active');
    await suite.page.getByText('Put into maintenance by anonymous').waitFor();
    // The page may look once more at what is gone before it is left.
    suite.expectComplaints(/404/);
    await decide('Unregister', 'Unregister agent');
    await suite.page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor();
    expect((await client.agents.list()).items.map(({ id }) => id)).not.toContain('governed');
  });

  it('hands a session over with its tasks, and says why it cannot', { timeout: 60_000 }, async () => {
    suite.expectComplaints(/409|404/);
    const client = suite.server.client();
    const session = await started(client, { title: 'Goes to another agent' });
    await client.agents.register({ id: 'giver', capabilities: ['rust'] });
    await client.agents.register({ id: 'unable' });
    await client.agents.register({ id: 'taker', capabilities: ['rust'] });
    await client.tasks.enqueue({
      type: 'review',
      queue: 'handed',
      payload: {},
      sessionId: session.id,
      required: ['rust'],
    });
    await client.agents.claim('giver', { queues: ['handed'], leaseSeconds: 600 });
    await using _alive = new AliveAgents(client, ['giver', 'unable', 'taker']);
    await open('/agents/giver');
    await suite.page.getByRole('link', { name: session.title }).waitFor();
    await suite.page.getByRole('cell', { name: 'review' }).waitFor();
    await suite.page.getByRole('button', { name: 'Hand over a session' }).click();
    const dialog = suite.page.getByRole('dialog', { name: 'Hand over a session' });
    const submit = dialog.getByRole('button', { name: 'Hand over', exact: true });
    await submit.click();
    await dialog.getByText('Say why.').waitFor();
    await dialog.getByText('Say who takes it.').waitFor();
    const take = async (agent: string) => {
      await dialog.getByRole('combobox', { name: 'To agent' }).click();
      await suite.page.getByRole('option', { name: new RegExp(`^${agent} `) }).click();
    };
    await take('unable');
    await dialog.getByLabel('Reason').fill('Its machine goes away');
    await submit.click();
    await dialog.getByText('AGENT_INCAPABLE').waitFor();
    await take('taker');
    await submit.click();
    await dialog.waitFor({ state: 'hidden' });
    await suite.page.getByText('Handed over to taker, one task').waitFor();
    await suite.page.getByText('It holds no task.').waitFor();
    expect((await client.agents.get('taker')).currentSessions).toEqual([session.id]);
    // One that has left is not shown as if it were there.
    await client.agents.unregister('giver');
    await suite.page.getByText('AGENT_UNKNOWN').waitFor();
    expect(await suite.page.getByRole('button', { name: 'Drain' }).count()).toBe(0);
    for (const id of ['unable', 'taker']) await client.agents.unregister(id);
    suite.expectComplaints(/409|404/);
  });

  it('takes a lock away for a reason, and the first in the queue gets it', { timeout: 60_000 }, async () => {
    const client = suite.server.client();
    const resource = 'repository/packages/parser';
    const lock = await client.locks.acquire({ resource, owner: 'stuck-agent', ttlMs: 120_000 });
    await open('/locks');
    const row = suite.page.locator('tr').filter({ hasText: resource });
    await row.getByText('nobody').waitFor();
    const waits = (owner: string, priority: number) =>
      client.locks.acquire({ resource, owner, priority, waitMs: 60_000, ttlMs: 60_000 });
    const patient = waits('patient-agent', 0);
    // Somebody waits: told as it happens.
    await row.getByRole('button', { name: `1 waiting for ${resource}` }).waitFor();
    const urgent = waits('urgent-agent', 5);
    await row.getByRole('button', { name: `2 waiting for ${resource}` }).click();
    const queue = suite.page.getByRole('table', { name: `Waiting for ${resource}` });
    const waiting = async () =>
      (await queue.locator('tbody tr').allTextContents()).map((text) => text.replace(/\s+/g, ' '));
    await eventually(async () => (await waiting()).length).toBe(2);
    expect((await waiting())[0]).toMatch(/^1urgent-agentexclusive5/);
    expect((await waiting())[1]).toMatch(/^2patient-agentexclusive0/);

    await row.first().getByRole('button', { name: 'Release…' }).click();
    const dialog = suite.page.getByRole('dialog', { name: 'Take this lock away?' });
    await dialog.getByRole('button', { name: 'Take the lock away' }).click();
    await dialog.getByText('Say why.').waitFor();
    expect((await client.locks.get(lock.id)).owner).toBe('stuck-agent');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Its agent hangs');
    await dialog.getByRole('button', { name: 'Take the lock away' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const next = await urgent;
    await suite.page.locator(`[data-lock="${next.id}"]`).getByText('urgent-agent').waitFor();
    const { items } = await client.audit.list({ subjectId: lock.id, action: 'lock.force_release' });
    expect(items).toMatchObject([{ details: { reason: 'Its agent hangs' } }]);

    // One resource's own page, as it is given back by everybody.
    await suite.page.getByRole('link', { name: resource }).first().click();
    await suite.page.getByRole('heading', { level: 1, name: resource }).waitFor();
    await suite.page.getByText('1 waiting').waitFor();
    await client.locks.release(next.id, next.token);
    const last = await patient;
    await suite.page.locator(`[data-lock="${last.id}"]`).waitFor();
    await suite.page.getByText('0 waiting').waitFor();
    suite.expectComplaints(/404/);
    await client.locks.release(last.id, last.token);
    await suite.page.getByText('Nobody holds it and nobody waits').waitFor();
  });

  it('warns on both sessions’ pages when they write the same path, until somebody has seen it', {
    timeout: 120_000,
  }, async () => {
    const [first, second] = [await writer('Renames the parser'), await writer('Speeds the parser up')];
    const other = await suite.page.context().newPage();
    await open(`/sessions/${first.id}`);
    await open(`/sessions/${second.id}`, other);
    const heading = (page: Page) => page.getByRole('heading', { name: 'Another session works on the same path' });
    await runtime.write(first.id, 'src/parser.ts');
    expect(await heading(suite.page).count()).toBe(0);

    const began = performance.now();
    await runtime.write(second.id, 'src/parser.ts');
    const wrote = performance.now() - began;
    const warned = async (page: Page, by: Session) => {
      const banner = page.getByRole('region', { name: 'Conflict warnings' });
      await banner.getByText('src/parser.ts').waitFor();
      const took = performance.now() - began;
      await banner.getByRole('link', { name: by.title }).waitFor();
      return Math.round(took);
    };
    const took = await Promise.all([warned(suite.page, second), warned(other, first)]);
    console.log(
      `from the beginning of the second write to the warning on both pages: ${took.join(' and ')} ms, the write itself ${Math.round(wrote)} ms (promised: ${WARNED_MS} ms)`,
    );
    expect(Math.max(...took)).toBeLessThan(GUARD_MS);
    // Nobody read the code.
    const reach = other.getByRole('region', { name: 'Conflict warnings' }).locator('[data-reach]');
    expect(await reach.textContent()).toBe('Reach: Unknown');

    await other.getByRole('button', { name: 'Acknowledge src/parser.ts' }).click();
    for (const page of [suite.page, other]) await heading(page).waitFor({ state: 'detached' });
    await suite.page.keyboard.press('5');
    await suite.page.waitForURL('**?tab=paths');
    await suite.page.getByText(/by anonymous/).waitFor();
    await other.close();
    await open('/paths');
    await suite.page.getByText('No conflict waits to be seen').waitFor();
    await suite.page.getByText('All conflicts').click();
    await suite.page.getByText('Both wrote it; neither had claimed it.').waitFor();
    await suite.page.locator('[data-conflict] [data-reach="unknown"]').waitFor();
  });

  it('shows claims to paths with their waiters, and takes one away for a reason', { timeout: 60_000 }, async () => {
    const client = suite.server.client();
    const [first, second] = [await writer('Holds the sources'), await writer('Wants the sources')];
    const held = await client.pathClaims.claim({ sessionId: first.id, paths: ['src/**', 'README.md'] });
    await open(`/paths?workspace=${workspaceId}`);
    const heldTable = suite.page.getByRole('table', { name: /^Claims held/ });
    await heldTable.getByText('src/**').waitFor();
    await heldTable.getByRole('link', { name: first.title }).waitFor();
    const wanted = client.pathClaims.claim({ sessionId: second.id, paths: ['src/parser.ts'], waitSeconds: 60 });
    const waiting = suite.page.getByRole('table', { name: /^Claims waited for/ });
    await waiting.getByText('src/parser.ts').waitFor();
    await waiting.getByRole('link', { name: second.title }).waitFor();

    await heldTable.getByRole('button', { name: 'Release…' }).click();
    const dialog = suite.page.getByRole('dialog', { name: 'Take these paths away?' });
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('The release cannot wait');
    await dialog.getByRole('button', { name: 'Take the paths away' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect((await wanted).status).toBe('held');
    await heldTable.getByRole('link', { name: second.title }).waitFor();
    await waiting.waitFor({ state: 'detached' });
    const { items } = await client.audit.list({ subjectId: held.id });
    expect(items).toMatchObject([{ details: { reason: 'The release cannot wait' } }]);
  });

  it('leads through the new views with the keyboard alone', async () => {
    const client = suite.server.client();
    const locks = await Promise.all(
      ['one', 'two'].map((name) =>
        client.locks.acquire({ resource: `keys/${name}`, owner: 'keyboard', ttlMs: 60_000 }),
      ),
    );
    await open('/agents');
    await suite.page.keyboard.press('g');
    await suite.page.keyboard.press('l');
    await suite.page.getByRole('heading', { level: 1, name: 'Locks' }).waitFor();
    await suite.page.getByRole('link', { name: 'keys/one' }).waitFor();
    const focused = () => suite.page.evaluate(() => document.activeElement?.textContent);
    const shown = await suite.page.locator('a[data-row]').allTextContents();
    await suite.page.keyboard.press('j');
    await eventually(focused).toBe(shown[0]);
    await suite.page.keyboard.press('j');
    await eventually(focused).toBe(shown[1]);
    await suite.page.keyboard.press('Enter');
    await suite.page.getByRole('heading', { level: 1, name: shown[1] ?? '' }).waitFor();
    for (const { id, token } of locks) await client.locks.release(id, token);
    suite.expectComplaints(/404/);
  });
});
