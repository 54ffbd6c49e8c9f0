import { mkdtempSync } from 'node:fs';
import { createServer as createListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@signalbox/core';
import { postgresBackend } from '@signalbox/core/testing';
import { pino } from 'pino';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer } from '../create-server.ts';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

const PATIENCE = 60_000;
const received: { id: string; headers: Record<string, string>; body: string }[] = [];
let busy = 0;
let mostBusy = 0;
let receiver: Server;
let url: string;
beforeAll(async () => {
  receiver = createListener(async (request, response) => {
    busy += 1;
    mostBusy = Math.max(mostBusy, busy);
    let body = '';
    for await (const chunk of request) body += chunk;
    const headers = request.headers as Record<string, string>;
    received.push({ id: headers['webhook-id'] ?? '', headers, body });
    // Not at once, so that two who send at the same time would be seen.
    setTimeout(() => {
      busy -= 1;
      response.writeHead(204).end();
    }, 5);
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
});
afterAll(() => {
  receiver.close();
  receiver.closeAllConnections();
});

describe('webhooks over HTTP', () => {
  let api: ApiHarness;
  beforeAll(async () => {
    api = await openApi({ environment: { SIGNALBOX_WEBHOOKS_ALLOW_PRIVATE: 'true' } });
  });
  afterAll(() => api.close());

  it('are made with a secret that is shown once, changed by version, tested and deleted', async () => {
    const headers = { 'idempotency-key': 'once' };
    const made = await api.call('POST', '/api/v1/webhooks', { body: { url, events: ['session'] }, headers });
    expect([made.status, made.json.secret]).toEqual([201, expect.stringMatching(/^whsec_/)]);
    const again = await api.call('POST', '/api/v1/webhooks', { body: { url, events: ['session'] }, headers });
    expect(again.json).toMatchObject({ id: made.json.id, secret: null });
    const path = `/api/v1/webhooks/${made.json.id}`;
    expect((await api.call('GET', path)).json).not.toHaveProperty('secret');
    expect((await api.call('PATCH', path, { body: { enabled: false } })).status).toBe(428);
    const stale = await api.call('PATCH', path, { body: { enabled: false }, headers: { 'if-match': '"9"' } });
    expect(stale.json.code).toBe('OPTIMISTIC_LOCK');
    const tested = await api.call('POST', `${path}/test`);
    expect(tested.json).toMatchObject({ kind: 'test', status: 'delivered', responseStatus: 204 });
    const [test] = received.splice(0);
    new Verifier(made.json.secret).verify(test?.body ?? '', test?.headers ?? {});
    const rotated = await api.call('POST', `${path}/rotate-secret`, { body: {}, headers: { 'if-match': '"1"' } });
    expect(rotated.json).toMatchObject({ generation: 2, secret: expect.stringMatching(/^whsec_/) });
    expect((await api.call('GET', `${path}/deliveries?status=failed`)).json).toMatchObject({ items: [], total: 0 });
    expect((await api.call('GET', `${path}/deliveries`)).json.total).toBe(1);
    expect((await api.call('GET', `${path}/deliveries?state=x`)).status).toBe(400);
    expect((await api.call('POST', `${path}/deliveries/${tested.json.id}/redrive`)).json.code).toBe(
      'WEBHOOK_DELIVERY_NOT_FOUND',
    );
    expect((await api.call('DELETE', path, { headers: { 'if-match': '"2"' } })).status).toBe(204);
    expect((await api.call('GET', path)).json.code).toBe('WEBHOOK_NOT_FOUND');
  });

  it('takes no address that is none', async () => {
    for (const bad of ['nonsense', 'ftp://example.com', 'https://user:pass@example.com']) {
      const { status, json } = await api.call('POST', '/api/v1/webhooks', { body: { url: bad } });
      expect([status, json.code]).toEqual([400, 'WEBHOOK_URL_REFUSED']);
    }
  });
});

describe('two nodes on one database', () => {
  it('tell each change once, in order, one message at a time', { timeout: 4 * PATIENCE }, async () => {
    const { connectionString, close } = await postgresBackend.open();
    const node = () =>
      createServer({
        configuration: loadConfiguration({
          cwd: '/',
          environment: {
            DATABASE_URL: connectionString ?? '',
            SIGNALBOX_DATA_DIR: mkdtempSync(join(tmpdir(), 'signalbox-hooks-')),
            SIGNALBOX_PORT: '0',
            SIGNALBOX_ROLES: 'api,scheduler',
            SIGNALBOX_WEBHOOKS_ALLOW_PRIVATE: 'true',
            SIGNALBOX_WEBHOOKS_KEY: 'the same secret on all of the nodes',
          },
        }),
        logger: pino({ level: 'silent' }),
      });
    const nodes = [node(), node()];
    const facts = await Promise.all(nodes.map((one) => one.start()));
    await Promise.all(nodes.map((one) => one.ready));
    const post = async (n: number, path: string, body: unknown) => {
      const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      return (await fetch(`${facts[n % 2]?.address}/api/v1${path}`, init)).json() as Promise<{ id: string }>;
    };
    received.splice(0);
    mostBusy = 0;
    await post(0, '/webhooks', { url, events: ['session.created'] });
    const ids: string[] = [];
    for (let n = 0; n < 30; n += 1) {
      const session = await post(n, '/sessions', { title: `Session ${n}`, initialPrompt: 'x' });
      ids.push(session.id);
    }
    await expect.poll(() => received.length, { timeout: PATIENCE }).toBeGreaterThanOrEqual(ids.length);
    await Promise.all(nodes.map((one) => one.stop('stop')));
    expect(received.map(({ body }) => JSON.parse(body).data.sessionId)).toEqual(ids);
    expect(new Set(received.map(({ id }) => id)).size).toBe(ids.length);
    expect(mostBusy).toBe(1);
    await close();
  });
});
