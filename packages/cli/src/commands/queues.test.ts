import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

describe('commands about queues', () => {
  it('limit, show, pause and open a queue, and refuse what cannot be a limit', async () => {
    const limited = await server.cli(['queues', 'limit', 'builds', '--at-once', '4', '--rate', '100/60s']);
    expect(limited.stdout).toBe('builds: 4 at once, 100 in 1 min 0 s.\n');
    expect((await server.cli(['queues', 'limit', 'builds', '--at-once', 'none'])).stdout).toBe(
      'builds: 100 in 1 min 0 s.\n',
    );
    expect((await server.cli(['queues', 'pause', 'builds'])).stdout).toBe('Paused builds; it is paused.\n');
    await server.cli(['queues', 'drain', 'builds']);
    const table = await server.cli(['queues', 'list']);
    expect(table.stdout).toMatch(/^QUEUE +STATE +READY .*\nbuilds +paused, draining +0 /);
    await server.cli(['queues', 'resume', 'builds']);
    expect((await server.cli(['queues', 'open', 'builds'])).stdout).toBe('Opened builds; it is open.\n');
    const shown = await server.cli(['queues', 'show', 'builds', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ name: 'builds', version: 6, activity: { failureShare: null } });
    expect((await server.cli(['queues', 'show', 'builds'])).stdout).toMatch(/ready +0, the oldest for -\n/);
    for (const options of [[], ['--at-once', '0'], ['--rate', 'fast']]) {
      expect((await server.cli(['queues', 'limit', 'builds', ...options])).code).toBe(2);
    }
  });

  it('a schedule is made, fires, is held and deleted by its name', async () => {
    const made = await server.cli([
      ...['schedules', 'create', 'each', '--cron', '* * * * * *', '--type', 'tick', '--queue', 'ticks'],
      ...['--payload', '{"n":1}', '--overlap', 'skip', '--json'],
    ]);
    expect(JSON.parse(made.stdout)).toMatchObject({ task: { queue: 'ticks', payload: { n: 1 } }, overlap: 'skip' });
    const client = createClient({ baseUrl: server.url });
    await expect
      .poll(async () => (await client.tasks.list({ queue: 'ticks' })).items.length, { timeout: 60_000 })
      .toBe(1);
    expect((await server.cli(['schedules', 'disable', 'each'])).stdout).toMatch(/^Disabled each\. It does not come/);
    expect((await server.cli(['schedules', 'enable', 'each'])).stdout).toMatch(/^Enabled each\. It comes next at /);
    expect((await server.cli(['schedules', 'list'])).stdout).toMatch(/\neach +\* \* \* \* \* \* +UTC +tick /);
    expect((await server.cli(['schedules', 'delete', 'each'])).stdout).toBe('Deleted each.\n');
    expect((await server.cli(['schedules', 'delete', 'each'])).code).toBe(2);
    const bad = await server.cli(['schedules', 'create', 'bad', '--cron', '99 * * * *', '--type', 'tick']);
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining('"99 * * * *" cannot be used')]);
  });
});

describe('commands about policies', () => {
  it('a file is tried, applied, changed by applying it again, asked about and removed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'signalbox-policy-'));
    const cli = (...args: string[]) => server.cli(['policies', ...args], { cwd: directory });
    const write = (effect: string) =>
      writeFileSync(
        join(directory, 'house.yaml'),
        `name: house\ndefault: allow\nrules:\n  - { id: rm, name: No rm, effect: ${effect}, match: { commands: [{ programs: [rm] }] } }\n`,
      );
    write('deny');
    expect((await cli('dry-run', 'house.yaml')).stdout).toMatch(/^0 calls: 0 allowed/);
    expect((await cli('apply', 'house.yaml')).stdout).toBe('Created house, version 1.\n');
    const explained = await cli('explain', '--command', 'ls; rm x');
    expect(explained.stdout).toMatch(/^deny by "No rm"\n {2}\[ls\] house\/rm does not match: /);
    write('require_approval');
    expect((await cli('apply', 'house.yaml', '--position', '7')).stdout).toBe('Updated house, version 2.\n');
    expect((await cli('list')).stdout).toMatch(/\nhouse +7 +1 +allow +all +2 +enabled/);
    expect((await cli('show', 'house')).stdout).toContain('require_approval rm: No rm');
    write('perhaps');
    const refused = await cli('apply', 'house.yaml');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('document.rules.0.effect')]);
    expect((await cli('remove', 'house')).stdout).toBe('Removed house.\n');
    expect(JSON.parse((await cli('explain', '--command', 'rm x', '--json')).stdout)).toMatchObject({ effect: 'allow' });
    rmSync(directory, { recursive: true });
  });
});
