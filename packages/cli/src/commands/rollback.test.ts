import { type Client, createClient } from '@signalbox/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedCli, serveCli } from '../testing/run-cli.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

let server: ServedCli;
let client: Client;
beforeAll(async () => {
  server = await serveCli();
  client = createClient({ baseUrl: server.url });
}, START_MS);
afterAll(async () => {
  await server?.stop();
});

describe('rollback on the command line', () => {
  it('makes a point, shows what changed, previews, goes back and undoes that', async () => {
    await client.queues.update('builds', 0, { maxConcurrent: 3 });
    const made = await server.cli(['rollback', 'create', 'three builds', '--ttl', '48']);
    expect(made.stdout).toContain('It holds: configuration.');
    const { version } = await client.queues.get('builds');
    await client.queues.update('builds', version, { maxConcurrent: 9 });
    expect((await server.cli(['rollback', 'points'])).stdout).toContain('three builds');
    expect((await server.cli(['rollback', 'show', 'three builds'])).stdout).toMatch(/update +config:queue:builds/);
    expect((await server.cli(['rollback', 'preview', 'three builds', '--strategy', 'safe'])).stdout).toContain(
      'By the strategy safe',
    );
    const unasked = await server.cli(['rollback', 'apply', 'three builds']);
    expect([unasked.code, (await client.queues.get('builds')).maxConcurrent]).toEqual([2, 9]);
    const applied = await server.cli(['rollback', 'apply', 'three builds', '--strategy', 'safe', '--yes', '--json']);
    const operation = JSON.parse(applied.stdout) as { id: string; status: string };
    expect([operation.status, (await client.queues.get('builds')).maxConcurrent]).toEqual(['completed', 3]);
    expect((await server.cli(['rollback', 'operations'])).stdout).toMatch(/three builds +safe/);
    expect((await server.cli(['rollback', 'show', operation.id])).stdout).toContain(
      'Went back to three builds: 1 change(s).',
    );
    expect((await server.cli(['rollback', 'cancel', operation.id])).stdout).toContain('is completed already');
    expect((await server.cli(['rollback', 'undo', operation.id])).code).toBe(0);
    expect((await client.queues.get('builds')).maxConcurrent).toBe(9);
    expect((await server.cli(['rollback', 'delete', 'three builds'])).stdout).toContain('Deleted three builds');
    expect((await server.cli(['rollback', 'preview', 'three builds'])).code).toBe(2);
  });
});
