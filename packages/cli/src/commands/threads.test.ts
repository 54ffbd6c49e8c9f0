import { type Client, createClient } from '@signalbox/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedCli, serveCli } from '../testing/index.ts';

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

const json = (value: unknown) => ({ type: 'json', base64: Buffer.from(JSON.stringify(value)).toString('base64') });

describe('threads on the command line', () => {
  it('lists, shows, prunes and deletes what graphs keep', { timeout: START_MS }, async () => {
    expect((await server.cli(['threads', 'list'])).stderr).toContain('No graph keeps its checkpoints here.');
    for (const n of [1, 2, 3]) {
      const values = [{ channel: 'messages', version: n, value: json([`step ${n}`]) }];
      await client.threads.save('invoices', {
        checkpointId: `c${n}`,
        versions: { messages: n },
        body: json({ v: 4 }),
        metadata: json({ step: n }),
        values,
      });
    }
    expect((await server.cli(['threads', 'list'])).stdout).toMatch(/invoices +3 /);
    expect((await server.cli(['threads', 'show', 'invoices'])).stdout).toMatch(/c3 +messages[\s\S]+c2 [\s\S]+c1 /);
    expect((await server.cli(['threads', 'show', 'nothing'])).code).toBe(3);
    expect((await server.cli(['threads', 'prune'])).code).toBe(2);
    expect((await server.cli(['threads', 'prune', '--keep', '1'])).stdout).toContain(
      'Deleted 2 checkpoints of 1 threads.',
    );
    const left = await client.threads.checkpoints({ threadId: 'invoices' });
    expect(left.items.map(({ checkpointId }) => checkpointId)).toEqual(['c3']);
    expect((await server.cli(['threads', 'delete', 'invoices', '--yes'])).stdout).toContain('Deleted invoices.');
    expect(await client.threads.load('invoices')).toBeNull();
  });
});
