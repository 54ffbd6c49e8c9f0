import { createClient } from '@signalbox/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedCli, serveCli } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

let server: ServedCli;
beforeAll(async () => {
  server = await serveCli();
}, START_MS);
afterAll(async () => {
  await server?.stop();
});

describe('commands about agents', () => {
  it('list, show, drain and unregister agents, and set how they are given work', async () => {
    expect((await server.cli(['agents', 'list'])).stderr).toBe('No agents are registered.\n');
    const client = createClient({ baseUrl: server.url });
    await client.agents.register({ id: 'w1', type: 'coder', capabilities: ['ts@5.6.0'], maxLoad: 4, load: 1 });
    expect((await server.cli(['agents', 'list'])).stdout).toMatch(/^AGENT +TYPE +STATUS .*\nw1 +coder +active +1\/4 /);
    expect((await server.cli(['agents', 'show', 'w1'])).stdout).toMatch(/capabilities +ts@5\.6\.0\n/);
    expect((await server.cli(['agents', 'drain', 'w1'])).stdout).toBe('w1 is draining; it carries 1 of 4.\n');
    expect((await server.cli(['agents', 'maintenance', 'w1'])).stdout).toMatch(/^w1 is maintenance;/);
    expect((await server.cli(['agents', 'resume', 'w1'])).stdout).toMatch(/^w1 is active;/);
    const metrics = await server.cli(['agents', 'metrics', '--json']);
    expect(JSON.parse(metrics.stdout)).toMatchObject({ totalAgents: 1, load: 1, capacity: 4 });

    expect((await server.cli(['agents', 'settings'])).stdout).toMatch(/given +nothing; agents claim for themselves\n/);
    const set = [
      'agents',
      'settings',
      '--assign',
      'a',
      'b',
      '--strategy',
      'capability-weighted',
      '--weight',
      'extra=-1',
    ];
    expect((await server.cli(set)).stdout).toMatch(/given +a, b\nstrategy +capability-weighted extra=-1\n/);
    expect((await server.cli(['agents', 'settings', '--timeout', '2m', '--assign', 'none'])).stdout).toMatch(
      /given +nothing.*\nstrategy +capability-weighted extra=-1\n.*\ndead after +2 min 0 s/,
    );
    expect((await server.cli(['agents', 'settings', '--strategy', 'luck'])).code).toBe(2);
    expect((await server.cli(['agents', 'settings', '--weight', 'extra=1'])).code).toBe(2);

    expect((await server.cli(['agents', 'unregister', 'w1'])).stdout).toBe('Unregistered w1.\n');
    expect((await server.cli(['agents', 'drain', 'w1'])).code).toBe(3);
  });

  it('hand a session over', async () => {
    const client = createClient({ baseUrl: server.url });
    const session = await client.sessions.create({ title: 'Over', initialPrompt: 'Go.' });
    await client.agents.register({ id: 'from' });
    await client.agents.register({ id: 'to' });
    await client.tasks.enqueue({ type: 'work', sessionId: session.id });
    expect(await client.agents.claim('from')).toHaveLength(1);
    const given = ['agents', 'handoff', session.id, 'from', 'to'];
    expect((await server.cli(given)).code).toBe(2);
    expect((await server.cli([...given, '--reason', 'end of shift'])).stdout).toBe(
      'to has the session now, with 1 task.\n',
    );
    expect((await server.cli([...given, '--reason', 'again'])).code).toBe(4);
  });
});
