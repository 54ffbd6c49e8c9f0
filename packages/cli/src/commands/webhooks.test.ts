import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ServedCli, serveCli } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

const received: string[] = [];
const receiver = createServer((request, response) => {
  received.push(String(request.headers['webhook-id']));
  request.resume();
  response.writeHead(request.url === '/gone' ? 410 : 204).end();
});
let server: ServedCli;
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  server = await serveCli({ env: { SIGNALBOX_WEBHOOKS_ALLOW_PRIVATE: 'true' } });
}, START_MS);
afterAll(async () => {
  await server?.stop();
  receiver.close();
});

describe('webhooks on the command line', () => {
  it('are added, tested, delivered to, redriven, rotated and removed', { timeout: START_MS }, async () => {
    expect((await server.cli(['webhooks', 'list'])).stderr).toContain('There are no webhooks.');
    const added = await server.cli(['webhooks', 'add', url, '--event', 'webhook', '--description', 'audit']);
    expect(added.stdout).toMatch(/^whsec_[\w+/]{43}=\n$/);
    expect((await server.cli(['webhooks', 'add', url, '--event', 'nonsense'])).code).toBe(2);
    expect((await server.cli(['webhooks', 'test', url])).stdout).toContain('Delivered: it answered 204');
    expect((await server.cli(['webhooks', 'disable', url])).stdout).toContain('Disabled');
    expect((await server.cli(['webhooks', 'enable', url])).stdout).toContain('Enabled');
    await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(3), 60_000);
    const listed = await server.cli(['webhooks', 'deliveries', url, '--status', 'delivered', '--json']);
    const [newest] = JSON.parse(listed.stdout).items;
    expect(newest).toMatchObject({ type: 'webhook.updated', status: 'delivered' });
    const before = received.length;
    expect((await server.cli(['webhooks', 'redrive', url, newest.id])).code).toBe(0);
    await vi.waitFor(() => expect(received.slice(before)).toContain(newest.id), 60_000);
    expect((await server.cli(['webhooks', 'rotate', url, '--grace', '1h'])).stdout).toMatch(/^whsec_/);
    expect((await server.cli(['webhooks', 'list'])).stdout).toMatch(/\/hook +webhook +standard +enabled/);
    expect((await server.cli(['webhooks', 'remove', url])).stdout).toContain('Removed');
    expect((await server.cli(['webhooks', 'test', url])).code).toBe(2);
    const gone = url.replace('/hook', '/gone');
    await server.cli(['webhooks', 'add', gone]);
    expect(await server.cli(['webhooks', 'test', gone])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('410'),
    });
  });
});
