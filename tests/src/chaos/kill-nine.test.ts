import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerPostgres, startServerPostgres } from '@signalbox/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { processesOf } from '../processes/processes-of.ts';
import { JournalWriters } from './journal-writers.ts';
import { expectRecorded } from './recorded-journals.ts';
import { ServerProcess } from './server-process.ts';

const LEASE_SECONDS = 3;
/** Ten times the lease, the reaper's second included: a busy machine must not fail it, a claim that is never taken must. */
const SETTLED = { timeout: 10 * (LEASE_SECONDS + 1) * 1000, interval: 50 };
const SOON = { timeout: 20_000, interval: 25 };
/** With fewer acknowledged events before and after the crash, nothing is proven. */
const ENOUGH = 100;

/** Speaks without end, and has a child that left its process group and session. */
const CHATTER = 'setsid sleep 300 & while :; do echo tick; sleep 0.1; done';
/** The first attempt hangs, the next one finds its trace and ends. */
const ONCE = 'if [ -e begun ]; then echo again; exit 0; fi; touch begun; sleep 300';

/** Where the data is while the server dies; PGlite dies with it. */
const TIERS: Record<string, (postgres: () => Promise<ServerPostgres>) => Promise<Record<string, string>>> = {
  'a PostgreSQL server': async (postgres) => ({ DATABASE_URL: (await postgres()).connectionString }),
  'the embedded PostgreSQL': async () => ({ SIGNALBOX_EMBEDDED_TIER: 'postgres' }),
  PGlite: async () => ({ SIGNALBOX_EMBEDDED_TIER: 'pglite' }),
};

describe('kill -9 of the server while sessions run', () => {
  const cleanUp: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of cleanUp.splice(0).reverse()) await step();
  });

  it.each(Object.keys(TIERS))(
    'loses and doubles nothing on %s, orphans or resumes, leaves no process, and approvals go on waiting',
    {
      timeout: 120_000,
    },
    async (tier) => {
      const root = await mkdtemp(join(tmpdir(), 'signalbox-chaos-'));
      cleanUp.push(() => rm(root, { recursive: true, force: true }));
      // The embedded PostgreSQL runs as another user where we are root.
      await chmod(root, 0o755);
      const work = { chatter: join(root, 'chatter'), once: join(root, 'once') };
      for (const directory of Object.values(work)) await mkdir(directory);
      const where = await TIERS[tier]?.(async () => {
        const postgres = await startServerPostgres({ durable: true });
        cleanUp.push(() => postgres.stop());
        return postgres;
      });
      const server = await ServerProcess.at(join(root, 'data'), {
        SIGNALBOX_LEASE_SECONDS: String(LEASE_SECONDS),
        SIGNALBOX_HEARTBEAT_SECONDS: '1',
        ...where,
      });
      cleanUp.push(() => server.end('SIGTERM'));
      await server.start();
      await server.ready();
      const { client } = server;

      const run = async (title: keyof typeof work, script: string, onOrphan: 'orphan' | 'resume') => {
        const workspace = await client.workspaces.create({ path: work[title] });
        const command = ['sh', '-c', script];
        const base = { title, initialPrompt: 'Go on.', runtime: 'command' as const, start: true };
        return (await client.sessions.create({ ...base, command, workspaceId: workspace.id, onOrphan })).id;
      };
      const drive = async (title: string) =>
        (await client.sessions.create({ title, initialPrompt: 'Driven by its caller.', start: true })).id;
      const chatter = await run('chatter', CHATTER, 'orphan');
      const once = await run('once', ONCE, 'resume');
      const sessions = [chatter, await drive('driven 1'), await drive('driven 2')];
      // The shell, its sleep, and for one of them the child in a session of its own.
      await expect.poll(() => processesOf(chatter).length, SOON).toBeGreaterThanOrEqual(3);
      await expect.poll(() => processesOf(once).length, SOON).toBeGreaterThanOrEqual(2);

      const writers = new JournalWriters({ address: server.address, sessions, writers: 6 });
      cleanUp.push(() => writers.stop());
      await expect.poll(() => writers.acknowledged.length, SOON).toBeGreaterThanOrEqual(ENOUGH);
      // What it says is journaled in pieces of a quarter of a second; killed before the first, it has said nothing.
      const said = async () => (await client.journal.read(chatter, { types: ['output'] })).total;
      await expect.poll(said, SOON).toBeGreaterThan(0);
      const saidBefore = await said();
      const ask = (command: string, timeoutSeconds: number) =>
        client.approvals.request({
          sessionId: chatter,
          tool: 'bash',
          arguments: { command },
          terms: { timeoutSeconds },
        });
      const waits = await ask('rm -rf build', 3600);
      const short = await ask('rm -rf dist', 2);
      expect(await server.end('SIGKILL')).toBe('SIGKILL');
      const before = writers.acknowledged.length;
      await expect.poll(() => [...processesOf(chatter), ...processesOf(once)], SOON).toEqual([]);

      await server.start();
      await server.ready();
      await expect.poll(async () => (await client.sessions.get(chatter)).status, SETTLED).toBe('orphaned');
      await expect.poll(async () => (await client.sessions.get(once)).status, SETTLED).toBe('completed');
      expect((await client.sessions.get(once)).attempt).toBe(2);
      expect(await client.approvals.get(waits.id)).toMatchObject({ ...waits, votes: [], comments: [] });
      await expect.poll(async () => (await client.approvals.get(short.id)).status, SETTLED).toBe('expired');
      const { decidedAt, decidedBy, expiresAt } = await client.approvals.get(short.id);
      expect([decidedBy, Date.parse(decidedAt ?? '') >= Date.parse(expiresAt)]).toEqual(['system', true]);
      await expect.poll(() => writers.acknowledged.length, SOON).toBeGreaterThanOrEqual(before + ENOUGH);
      await writers.stop();
      expect(writers.unanswered).toBeGreaterThan(0);
      expect(writers.refusals.filter(({ status }) => status !== 503)).toEqual([]);
      await expectRecorded(client, sessions, writers.acknowledged);
      expect(await said()).toBeGreaterThanOrEqual(saidBefore);
      expect(await server.end('SIGTERM')).toBe(0);
      expect([...processesOf(chatter), ...processesOf(once)]).toEqual([]);
    },
  );

  it('A24: another server orphans what the dead one ran once its lease is over, and a retry completes it once', {
    timeout: 120_000,
  }, async () => {
    const root = await mkdtemp(join(tmpdir(), 'signalbox-chaos-'));
    cleanUp.push(() => rm(root, { recursive: true, force: true }));
    const work = join(root, 'work');
    await mkdir(work);
    const postgres = await startServerPostgres({ durable: true });
    cleanUp.push(() => postgres.stop());
    const open = async (name: string) => {
      const server = await ServerProcess.at(join(root, name), {
        SIGNALBOX_LEASE_SECONDS: String(LEASE_SECONDS),
        SIGNALBOX_HEARTBEAT_SECONDS: '1',
        DATABASE_URL: postgres.connectionString,
      });
      cleanUp.push(() => server.end('SIGTERM'));
      await server.start();
      await server.ready();
      return server;
    };
    const doomed = await open('doomed');
    const workspace = await doomed.client.workspaces.create({ path: work });
    const script = 'echo begin >> trace; [ -e again ] || { touch again; sleep 300; }; echo end >> trace';
    const { id } = await doomed.client.sessions.create({
      title: 'Interrupted',
      initialPrompt: 'Go on.',
      runtime: 'command',
      command: ['sh', '-c', script],
      workspaceId: workspace.id,
      start: true,
    });
    await expect.poll(() => processesOf(id).length, SOON).toBeGreaterThanOrEqual(2);
    const { client } = await open('monitor');
    expect((await client.sessions.get(id)).status).toBe('running');
    expect(await doomed.end('SIGKILL')).toBe('SIGKILL');
    await expect.poll(async () => (await client.sessions.get(id)).status, SETTLED).toBe('orphaned');
    expect(processesOf(id)).toEqual([]);

    const retries = await Promise.allSettled([client.sessions.retry(id), client.sessions.retry(id)]);
    expect(retries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect.poll(async () => (await client.sessions.get(id)).status, SETTLED).toBe('completed');
    expect(await client.sessions.get(id)).toMatchObject({ attempt: 2 });
    expect(await readFile(join(work, 'trace'), 'utf8')).toBe('begin\nbegin\nend\n');
    const { items, total } = await client.journal.read(id, { pageSize: 1000 });
    expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, n) => n + 1));
    expect(items.filter(({ type }) => type === 'start')).toHaveLength(2);
  });
});
