import { Webhook as Verifier } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ManualClock } from '../platform/clock/manual-clock.ts';
import type { Database } from '../platform/database/index.ts';
import { placeEntries, readFeed, recordFeeds, renewFeedEpochs } from '../platform/feed/index.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { openReceiver, type Receiver } from './testing/receiver.ts';
import type { CreateWebhook } from './webhook.ts';
import { WebhookDispatcher } from './webhook-dispatcher.ts';
import { WebhookSender } from './webhook-sender.ts';
import { webhookKey } from './webhook-signing.ts';
import { Webhooks } from './webhooks.ts';

const KEY = webhookKey('a key of the server that is long enough');
/** Generous: a busy machine. */
const LIMIT = 30_000;

describeOnBackends('webhooks', (backend) => {
  let db: TestDatabase;
  let database: Database;
  let receiver: Receiver;
  let clock: ManualClock;
  let projectId: string;
  let webhooks: Webhooks;
  let node: WebhookDispatcher;
  const errors: unknown[] = [];

  const makeNode = (key = KEY, allowPrivate = true) => {
    const sender = new WebhookSender({ clock, key, allowPrivate });
    return {
      webhooks: new Webhooks({ database, clock, ids: systemIds, sender }),
      dispatcher: new WebhookDispatcher({
        database,
        clock,
        ids: systemIds,
        sender,
        messages: {
          sessionTitle: async () => 'Fix the build',
          approvalSummary: async () => null,
          dashboardUrl: () => null,
        },
        onError: (error) => errors.push(error),
        random: () => 0,
      }),
    };
  };

  beforeAll(async () => {
    db = await backend.open();
    database = db.database;
    receiver = await openReceiver();
  });
  afterAll(async () => {
    await receiver.close();
    await db.close();
  });
  beforeEach(async () => {
    clock = new ManualClock(new Date());
    projectId = await insertTestProject(database);
    receiver.received.splice(0);
    receiver.answer = (_request, response) => void response.writeHead(204).end();
    ({ webhooks, dispatcher: node } = makeNode());
  });
  afterEach(async () => {
    await node.stop();
    await database.query({ name: '', text: 'DELETE FROM webhook_endpoints' });
    expect(errors.splice(0)).toEqual([]);
  });

  const create = (more: Partial<CreateWebhook> = {}) =>
    webhooks.create(projectId, { url: receiver.url, events: ['task'], ...more }, 'mia');
  const happen = async (...payloads: Record<string, unknown>[]) => {
    await database.transaction((tx) => recordFeeds(tx, projectId, 'task', payloads));
    while ((await placeEntries(database, 1_000)).length > 0);
  };
  const deliver = async (by = node) => {
    const served = await by.round();
    await by.settled();
    return served;
  };
  const bodies = () => receiver.received.map(({ body }) => JSON.parse(body));
  const numbers = () => bodies().map(({ data }) => data.n);
  const audit = async (action: string) =>
    database.query<{ actor: string; details: unknown }>(
      { name: '', text: 'SELECT actor, details FROM audit_events WHERE project_id = $1 AND action = $2' },
      [projectId, action],
    );

  test('tells what happens from then on, in order, signed so that the library believes it', async () => {
    await happen({ n: 0 });
    const { webhook, secret } = await create();
    await happen({ n: 1 }, { n: 2, change: 'finished', apiToken: 'hidden away' }, { n: 3 });
    expect(await deliver()).toBe(1);
    expect(numbers()).toEqual([1, 2, 3]);
    for (const { headers, body } of receiver.received) new Verifier(secret).verify(body, headers);
    expect(() =>
      new Verifier(secret).verify(`${receiver.received[0]?.body} `, receiver.received[0]?.headers ?? {}),
    ).toThrow();
    expect(bodies()[1]).toMatchObject({ type: 'task.finished', data: { apiToken: '[redacted]' } });
    expect(await deliver()).toBe(0);
    const { items, total } = await webhooks.deliveries(projectId, webhook.id, null, 1, 2);
    expect([total, items.map(({ type }) => type)]).toEqual([3, ['task.changed', 'task.finished']]);
    expect(items[0]).toMatchObject({ status: 'delivered', attempts: 1, responseStatus: 204, error: null });
    expect(items[0]?.id).toBe(receiver.received[2]?.headers['webhook-id']);
    const [told] = await audit('webhook.create');
    expect(told).toMatchObject({ actor: 'mia', details: { origin: new URL(receiver.url).origin } });
    expect(JSON.stringify(told)).not.toContain('/hook');
  });

  test('nothing in the database gives the secret away, and another project sees nothing', async () => {
    const { webhook, secret } = await create();
    // Whoever knows an address of Slack's can write there.
    const asked: (string | undefined)[] = [];
    receiver.answer = (request, response) => {
      asked.push(request.url);
      response.writeHead(204).end();
    };
    const secretUrl = receiver.url.replace('/hook', '/services/T01/soSecret');
    const slack = await create({ url: secretUrl, format: 'slack' });
    expect((await webhooks.get(projectId, slack.webhook.id)).url).toBe(`${new URL(secretUrl).origin}/…`);
    const changed = { url: secretUrl.replace('soSecret', 'moreSecret') };
    await webhooks.update(projectId, slack.webhook.id, 1, changed, 'mia');
    expect((await webhooks.test(projectId, slack.webhook.id, 'mia')).status).toBe('delivered');
    expect(asked).toEqual(['/services/T01/moreSecret']);
    const dumped = await database.query<{ row: string }>({
      name: '',
      text: `SELECT e::text AS row FROM webhook_endpoints e UNION ALL SELECT a::text FROM audit_events a UNION ALL SELECT f::text FROM feed_entries f`,
    });
    const bare = secret.replace('whsec_', '');
    expect(
      dumped.filter(
        ({ row }) => /soSecret|moreSecret/.test(row) || row.includes(bare) || row.includes(KEY.secret.toString('hex')),
      ),
    ).toEqual([]);
    const other = await insertTestProject(database);
    for (const attempt of [
      () => webhooks.get(other, webhook.id),
      () => webhooks.update(other, webhook.id, 1, { enabled: false }, 'eve'),
      () => webhooks.delete(other, webhook.id, 1, 'eve'),
      () => webhooks.deliveries(other, webhook.id, null, 1, 10),
      () => webhooks.test(other, webhook.id, 'eve'),
      () => webhooks.rotate(other, webhook.id, 1, {}, 'eve'),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'WEBHOOK_NOT_FOUND' });
    }
  });

  test('a failure is tried again by the schedule, under the same id with a fresh time, and holds up what comes after', async () => {
    const { webhook, secret } = await create();
    receiver.answer = (_request, response) => void response.writeHead(500).end();
    await happen({ n: 1 }, { n: 2 });
    await deliver();
    expect(numbers()).toEqual([1]);
    expect((await webhooks.get(projectId, webhook.id)).failingSince).not.toBeNull();
    await clock.advance(4_999);
    expect(await deliver()).toBe(0);
    await clock.advance(1);
    await deliver();
    expect(numbers()).toEqual([1, 1]);
    receiver.answer = (_request, response) => void response.writeHead(200).end('ok');
    await clock.advance(5 * 60_000);
    await deliver();
    expect(numbers()).toEqual([1, 1, 1, 2]);
    const [first, second, third] = receiver.received;
    expect(new Set([first, second, third].map((one) => one?.headers['webhook-id'])).size).toBe(1);
    const seconds = (one: typeof first) => Number(one?.headers['webhook-timestamp']);
    expect(seconds(third) - seconds(second)).toBe(300);
    expect(second?.headers['webhook-signature']).not.toBe(first?.headers['webhook-signature']);
    new Verifier(secret).verify(first?.body ?? '', first?.headers ?? {});
    expect(await webhooks.get(projectId, webhook.id)).toMatchObject({ failingSince: null, version: 1 });
  });

  test('what fails for three days is disabled, audited and told; it goes on where it stopped, and can be redriven', async () => {
    const { webhook } = await create();
    const watcher = await create({ events: ['webhook.disabled'], url: receiver.url.replace('/hook', '/watch') });
    receiver.answer = (request, response) => void response.writeHead(request.url === '/hook' ? 503 : 204).end();
    await happen({ n: 1 }, { n: 2 });
    const began = clock.now().getTime();
    await deliver();
    for (let round = 0; (await webhooks.get(projectId, webhook.id)).enabled && round < 20; round += 1) {
      await clock.advance(24 * 3_600_000);
      await deliver();
    }
    expect(numbers()).toEqual(Array.from({ length: 10 }, () => 1));
    expect(clock.now().getTime() - began).toBeGreaterThan(3 * 24 * 3_600_000);
    expect(await webhooks.get(projectId, webhook.id)).toMatchObject({
      enabled: false,
      version: 2,
      disabledReason: '10 attempts failed; the last: it answered 503',
    });
    expect(await audit('webhook.disable')).toMatchObject([{ actor: 'system' }]);
    await happen();
    await deliver();
    expect(bodies().at(-1)).toMatchObject({ type: 'webhook.disabled', data: { webhookId: webhook.id } });
    expect((await webhooks.get(projectId, watcher.webhook.id)).enabled).toBe(true);

    const [failed] = (await webhooks.deliveries(projectId, webhook.id, 'failed', 1, 10)).items;
    const redrive = () => webhooks.redrive(projectId, webhook.id, failed?.id ?? '', 'mia');
    await expect(redrive()).rejects.toMatchObject({ code: 'WEBHOOK_DISABLED' });
    receiver.received.splice(0);
    receiver.answer = (_request, response) => void response.writeHead(204).end();
    await webhooks.update(projectId, webhook.id, 2, { enabled: true }, 'mia');
    await deliver();
    expect(numbers()).toEqual([2]);
    expect(await redrive()).toMatchObject({ status: 'pending', attempts: 0 });
    await deliver();
    expect(numbers()).toEqual([2, 1]);
    expect(receiver.received[1]?.headers['webhook-id']).toBe(failed?.id);
    expect(await audit('webhook.redrive')).toHaveLength(1);
  });

  test('an answer of 410 disables at once; what is redriven goes past what waits', async () => {
    const { webhook } = await create();
    await happen({ n: 1 });
    await deliver();
    const [first] = (await webhooks.deliveries(projectId, webhook.id, null, 1, 1)).items;
    receiver.answer = (_request, response) => void response.writeHead(500).end();
    await happen({ n: 2 });
    await deliver();
    await webhooks.redrive(projectId, webhook.id, first?.id ?? '', 'mia');
    receiver.answer = (_request, response) => void response.writeHead(410).end();
    await deliver();
    expect(numbers()).toEqual([1, 2, 1]);
    expect(await webhooks.get(projectId, webhook.id)).toMatchObject({ enabled: false });
  });

  test('after a rotation both secrets are believed for the time of grace, then the new one alone', async () => {
    const made = await create();
    const { id } = made.webhook;
    const rotated = await webhooks.rotate(projectId, id, 1, { graceSeconds: 60 }, 'mia');
    expect(rotated.secret).not.toBe(made.secret);
    const verify = (secret: string) => {
      const { body, headers } = receiver.received.at(-1) ?? { body: '', headers: {} };
      return new Verifier(secret).verify(body, headers);
    };
    await webhooks.test(projectId, id, 'mia');
    for (const secret of [made.secret, rotated.secret]) {
      expect(verify(secret)).toMatchObject({ type: 'webhook.test', data: { endpointId: id } });
    }
    await clock.advance(60_000);
    await webhooks.test(projectId, id, 'mia');
    expect(verify(rotated.secret)).toMatchObject({ type: 'webhook.test' });
    expect(() => verify(made.secret)).toThrow();
    await expect(webhooks.rotate(projectId, id, 1, {}, 'mia')).rejects.toMatchObject({ code: 'OPTIMISTIC_LOCK' });
    expect(await audit('webhook.rotate')).toHaveLength(1);
  });

  test('a feed that cannot be gone on with is told as an event of its own, whatever is subscribed to', async () => {
    await create({ events: ['session.failed'] });
    await renewFeedEpochs(database);
    await happen({ n: 1 });
    await deliver();
    const { head } = await readFeed(database, projectId, null);
    expect(bodies()).toMatchObject([{ type: 'feed.reset', data: { to: head } }]);
    expect(await deliver()).toBe(0);
  });

  test('Slack is told what is for people, in its own form and unsigned', async () => {
    await create({ format: 'slack', events: ['*'] });
    await happen({ n: 1 });
    await database.transaction((tx) =>
      recordFeeds(tx, projectId, 'session', [
        { sessionId: 's', change: 'status' },
        { sessionId: 's', change: 'failed' },
      ]),
    );
    await happen();
    await deliver();
    expect(bodies()).toMatchObject([{ text: 'Session failed: Fix the build' }]);
    expect(receiver.received[0]?.headers).not.toHaveProperty('webhook-signature');
  });

  test('a receiver that hangs is given up, one that floods is cut off, redirects are not followed', async () => {
    const { webhook } = await create();
    receiver.answer = () => undefined;
    const hanging = webhooks.test(projectId, webhook.id, 'mia');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), LIMIT);
    await clock.advance(15_000);
    expect(await hanging).toMatchObject({ status: 'failed', responseStatus: null, error: 'no answer within 15 s' });

    let written = 0;
    const flood = Buffer.alloc(1024 * 1024);
    receiver.answer = (_request, response) => {
      response.writeHead(200);
      const pour = () => {
        while (written < 100 && !response.destroyed) {
          written += 1;
          if (!response.write(flood)) return void response.once('drain', pour);
        }
        response.end();
      };
      pour();
    };
    expect(await webhooks.test(projectId, webhook.id, 'mia')).toMatchObject({ status: 'delivered' });
    expect(written).toBeLessThan(100);

    receiver.answer = (_request, response) =>
      void response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
    expect(await webhooks.test(projectId, webhook.id, 'mia')).toMatchObject({
      status: 'failed',
      responseStatus: 302,
      error: 'it answered 302',
    });
    expect(receiver.received).toHaveLength(3);
  });

  test('without leave nothing private is reached: not when it is made, and not where one was made before', async () => {
    const { webhook } = await create();
    const strict = makeNode(KEY, false);
    await expect(strict.webhooks.create(projectId, { url: receiver.url }, 'mia')).rejects.toMatchObject({
      code: 'WEBHOOK_URL_REFUSED',
    });
    const https = (host: string) => receiver.url.replace('http:', 'https:').replace('127.0.0.1', host);
    for (const url of [receiver.url, https('127.0.0.1'), https('localhost')]) {
      await webhooks.update(projectId, webhook.id, (await webhooks.get(projectId, webhook.id)).version, { url }, 'mia');
      const { status, error } = await strict.webhooks.test(projectId, webhook.id, 'mia');
      expect([url, status]).toEqual([url, 'failed']);
      expect(error).toMatch(/Nothing can be sent to this address/);
    }
    expect(receiver.received).toEqual([]);
  });

  test('of two nodes one delivers at a time; what one was sending when it stopped the other sends again', async () => {
    const { dispatcher: other } = makeNode();
    const { dispatcher: stranger } = makeNode(webhookKey('another key that is long enough too'));
    await create();
    let release: () => void = () => undefined;
    receiver.answer = (_request, response) => {
      release = () => void response.writeHead(204).end();
    };
    await happen(...Array.from({ length: 20 }, (_, n) => ({ n })));
    expect(await stranger.round()).toBe(0);
    expect((await Promise.all([node.round(), other.round()])).sort()).toEqual([0, 1]);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), LIMIT);
    expect(await Promise.all([node.round(), other.round()])).toEqual([0, 0]);
    // The one that sends stops in the middle: nobody knows whether it arrived.
    await Promise.all([node.stop(), other.stop()]);
    release();
    receiver.answer = (_request, response) => void response.writeHead(204).end();
    const again = [makeNode().dispatcher, makeNode().dispatcher];
    expect((await Promise.all(again.map((one) => one.round()))).sort()).toEqual([0, 1]);
    await Promise.all(again.map((one) => one.settled()));
    expect(numbers()).toEqual([0, ...Array.from({ length: 20 }, (_, n) => n)]);
    expect(receiver.received[0]?.headers['webhook-id']).toBe(receiver.received[1]?.headers['webhook-id']);
  });

  test('a lease that ran out is taken over, and its late holder can write nothing', async () => {
    const { webhook } = await create();
    let release: () => void = () => undefined;
    receiver.answer = (_request, response) => {
      release = () => void response.writeHead(500).end();
    };
    await happen({ n: 1 });
    await node.round();
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), LIMIT);
    await database.query({
      name: '',
      text: `UPDATE webhook_endpoints SET lease_until = now() - interval '1 second'`,
    });
    const late = release;
    receiver.answer = (_request, response) => void response.writeHead(204).end();
    const { dispatcher: other } = makeNode();
    expect(await deliver(other)).toBe(1);
    late();
    await node.settled();
    expect((await webhooks.deliveries(projectId, webhook.id, null, 1, 10)).items).toMatchObject([
      { status: 'delivered', attempts: 1, error: null },
    ]);
    expect((await webhooks.get(projectId, webhook.id)).failingSince).toBeNull();
  });

  test('stale versions are refused, deleting takes all along, and old deliveries are forgotten', async () => {
    const { webhook } = await create();
    await happen({ n: 1 });
    await deliver();
    await expect(webhooks.update(projectId, webhook.id, 7, {}, 'mia')).rejects.toMatchObject({
      code: 'OPTIMISTIC_LOCK',
    });
    await expect(create({ events: ['sessions'] })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await webhooks.forgetOld(1)).toBe(0);
    await clock.advance(25 * 3_600_000);
    expect(await webhooks.forgetOld(1)).toBe(1);
    await webhooks.delete(projectId, webhook.id, 1, 'mia');
    expect(await webhooks.list(projectId, 1, 10)).toEqual({ items: [], total: 0 });
  });
});
