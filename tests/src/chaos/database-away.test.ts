import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerPostgres, startServerPostgres } from '@signalbox/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalWriters } from './journal-writers.ts';
import { expectRecorded } from './recorded-journals.ts';
import { ServerProcess } from './server-process.ts';

const SOON = { timeout: 30_000, interval: 50 };
/** With fewer acknowledged events before, between and after the crashes, nothing is proven. */
const ENOUGH = 200;
/** Refused attempts that show the writers at work while the database is away. */
const REFUSED = 20;

describe('the database away', () => {
  let root: string;
  let postgres: ServerPostgres;
  let server: ServerProcess;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'signalbox-chaos-'));
    postgres = await startServerPostgres({ durable: true });
    server = await ServerProcess.at(join(root, 'data'), { DATABASE_URL: postgres.connectionString });
  });
  afterEach(async () => {
    await server.end('SIGTERM');
    await postgres.stop();
    await rm(root, { recursive: true, force: true });
  });

  const status = async (path: string) => (await fetch(`${server.address}${path}`)).status;
  const drive = async (title: string) =>
    (await server.client.sessions.create({ title, initialPrompt: 'Driven by its caller.', start: true })).id;

  it('at the start: health says so, the API answers 503 problems, and all works when it comes', {
    timeout: 90_000,
  }, async () => {
    await postgres.halt();
    await server.start();
    const pid = server.pid;
    const health = await fetch(`${server.address}/health`);
    expect([health.status, await health.json()]).toMatchObject([
      503,
      { status: 'unavailable', components: { database: { status: 'unavailable' } } },
    ]);
    expect([await status('/health/live'), await status('/health/ready')]).toEqual([200, 503]);
    for (const request of [
      new Request(`${server.address}/api/v1/sessions`),
      new Request(`${server.address}/api/v1/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'Too early', initialPrompt: 'Wait.' }),
      }),
    ]) {
      const answer = await fetch(request);
      expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toMatchObject([
        503,
        expect.stringContaining('application/problem+json'),
        { status: 503, code: 'DATABASE_UNAVAILABLE' },
      ]);
    }

    await postgres.restart();
    await expect.poll(() => status('/health/ready'), SOON).toBe(200);
    await expect.poll(() => status('/health'), SOON).toBe(200);
    const workspace = await server.client.workspaces.create({ path: root });
    const session = await server.client.sessions.create({
      title: 'After it came',
      initialPrompt: 'Speak.',
      runtime: 'command',
      workspaceId: workspace.id,
      command: ['echo', 'here'],
      start: true,
    });
    await expect.poll(async () => (await server.client.sessions.get(session.id)).status, SOON).toBe('completed');
    expect((await server.client.sessions.list()).total).toBe(1);
    expect(server.pid).toBe(pid);
  });

  it('under load: a crash of PostgreSQL loses no acknowledged write, and needs no restart of the server', {
    timeout: 120_000,
  }, async () => {
    await server.start();
    await server.ready();
    const pid = server.pid;
    const sessions = [await drive('first'), await drive('second'), await drive('third')];
    const writers = new JournalWriters({ address: server.address, sessions, writers: 8 });
    const acknowledges = (more: number) => {
      const target = writers.acknowledged.length + more;
      return expect.poll(() => writers.acknowledged.length, SOON).toBeGreaterThanOrEqual(target);
    };
    try {
      await acknowledges(ENOUGH);
      // Away long enough for everybody to notice,
      await postgres.halt('SIGQUIT');
      await expect.poll(() => writers.refusals.length, SOON).toBeGreaterThanOrEqual(REFUSED);
      expect(await status('/health')).toBe(503);
      await postgres.restart();
      await acknowledges(ENOUGH);
      // gone and back at once, and once more with its sessions ended in order.
      await postgres.restart('SIGQUIT');
      await acknowledges(ENOUGH);
      await postgres.restart('SIGINT');
      await acknowledges(ENOUGH);
    } finally {
      await writers.stop();
    }
    expect(server.pid).toBe(pid);
    expect(writers.unanswered).toBe(0);
    const unfit = writers.refusals.filter(
      ({ status, contentType, code }) =>
        status !== 503 ||
        !contentType?.startsWith('application/problem+json') ||
        !['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN'].includes(String(code)),
    );
    expect(unfit).toEqual([]);
    await expectRecorded(server.client, sessions, writers.acknowledged);
    await expect.poll(() => status('/health'), SOON).toBe(200);
  });
});
