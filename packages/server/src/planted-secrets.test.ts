import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createLogger, redactor, SessionRunner, systemClock, systemIds } from '@signalbox/core';
import { createCommandRuntime } from '@signalbox/runtimes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiHarness, openApi } from './testing/api-harness.ts';

const random = (length: number) => randomBytes(length).toString('hex').slice(0, length);
const mark = () => random(24);
/** A value each, by the way in which it is known to be secret. */
const REGISTERED = `registered ${mark()}`;
const OF_SERVER = mark();
const OF_RUN = mark();
const SHAPES = {
  github: `ghp_${random(36)}`,
  openai: `sk-proj-${random(40)}`,
  anthropic: `sk-ant-api03-${random(40)}`,
  aws: `AKIA${random(16).toUpperCase()}`,
  slack: `xoxb-${random(12)}-${random(24)}`,
  jwt: `eyJhbGciOiJI.eyJz${random(20)}.${random(30)}`,
};
const KEY_BODY = random(48);
const PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----\n${KEY_BODY}\n-----END PRIVATE KEY-----`;
const URL_PASSWORD = random(20);
const TEXTS = [
  REGISTERED,
  OF_SERVER,
  OF_RUN,
  ...Object.values(SHAPES),
  PRIVATE_KEY,
  `postgres://ada:${URL_PASSWORD}@db.example/x`,
];
/** What must be found nowhere. */
const SECRETS = [REGISTERED, OF_SERVER, OF_RUN, ...Object.values(SHAPES), KEY_BODY, URL_PASSWORD];

let api: ApiHarness;
let runner: SessionRunner;
const logged: string[] = [];
/** What the receiver of a webhook was told. */
const delivered: string[] = [];
const receiver = createServer(async (request, response) => {
  for await (const chunk of request) delivered.push(String(chunk));
  response.writeHead(204).end();
});
beforeAll(async () => {
  redactor.register(REGISTERED);
  redactor.registerEnvironment({ PLANTED_SERVER_TOKEN: OF_SERVER });
  const logger = createLogger({ level: 'debug', destination: { write: (line) => void logged.push(line) } });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  api = await openApi({ logger, environment: { SIGNALBOX_WEBHOOKS_ALLOW_PRIVATE: 'true' } });
  const runtimes = [createCommandRuntime({ clock: systemClock, ids: systemIds })];
  runner = new SessionRunner(
    { ...api.core, runtimes },
    {
      agent: 'runner',
      capacity: 1,
      leaseSeconds: 30,
      heartbeatSeconds: 10,
      holdSeconds: 900,
      permissions: 'workspace',
      environment: () => ({ PLANTED_RUN_SECRET: OF_RUN }),
    },
  );
  runner.start();
});
afterAll(async () => {
  await runner.stop('stop');
  await api.close();
  receiver.close();
  receiver.closeAllConnections();
});

/** Every row of every table, as text; bytes are unpacked nowhere, so what stands in them is read through the API below. */
async function tables(): Promise<Map<string, string>> {
  const query = (text: string) => api.core.database.query<Record<string, string>>({ name: '', text });
  const names = await query(`SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()`);
  const all = new Map<string, string>();
  for (const { name = '' } of names) {
    const [row] = await query(`SELECT coalesce(string_agg(t::text, E'\\n'), '') AS text FROM "${name}" t`);
    all.set(name, row?.text ?? '');
  }
  return all;
}

const found = (text: string) =>
  // Rows print quotes and backslashes twice, and bytes in hex.
  SECRETS.filter((secret) => text.includes(secret) || text.includes(Buffer.from(secret).toString('hex')));

async function runToEnd(script: string, more: Record<string, unknown> = {}): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), 'signalbox-secrets-'));
  const workspace = (await api.call('POST', '/api/v1/workspaces', { body: { path } })).json;
  const body = { runtime: 'command', workspaceId: workspace.id, start: true, initialPrompt: 'say it' };
  const command = ['node', '-e', script];
  const made = await api.call('POST', '/api/v1/sessions', { body: { ...body, command, ...more } });
  const read = async () => (await api.call('GET', `/api/v1/sessions/${made.json.id}`)).json.status;
  await expect.poll(read, { timeout: 45_000, interval: 50 }).toMatch(/completed|failed/);
  return made.json.id;
}

test('no planted secret reaches a table, a log line, an export, a feed or an answer', {
  timeout: 120_000,
}, async () => {
  // The program makes its secrets from pieces that are none, and writes them in pieces, also across the 4 KB of an event.
  const encoded = Buffer.from(JSON.stringify(TEXTS.filter((text) => text !== OF_RUN))).toString('base64');
  const script = `
    const texts = [...JSON.parse(Buffer.from('${encoded}', 'base64')), process.env.PLANTED_RUN_SECRET];
    const sleep = () => new Promise((resolve) => setTimeout(resolve, 5));
    (async () => {
      for (const text of texts) {
        const middle = text.length >> 1;
        process.stdout.write('piece ' + text.slice(0, middle)); await sleep();
        process.stdout.write(text.slice(middle) + '\\n'); await sleep();
        process.stdout.write('.'.repeat(4090 - middle) + ' ' + text + '\\n');
        process.stderr.write(text + '\\n');
      }
      process.stdout.write('x '.repeat(40000) + texts.join(' ') + ' said all\\n');
    })();`;
  const headers = { 'x-signalbox-actor': 'mia' };
  // What a run's environment holds is known once it begins: not yet when its session is made.
  const before = TEXTS.filter((text) => text !== OF_RUN);
  const { port } = receiver.address() as AddressInfo;
  // Whole ones: what is left of one that was cut off is none.
  const description = before.filter((text) => text !== PRIVATE_KEY).join(' ');
  const hook = { url: `http://127.0.0.1:${port}/`, events: ['*'], description };
  expect((await api.call('POST', '/api/v1/webhooks', { body: hook })).status).toBe(201);
  const told = { description: before.join(' | '), metadata: { note: before, nested: { password: 'nothing known' } } };
  const title = `Work with ${SHAPES.github}`;
  const sessionId = await runToEnd(script, { title, ...told });
  const session = (await api.call('GET', `/api/v1/sessions/${sessionId}`)).json;
  expect(session.error ?? session.result).not.toBeNull();

  const task = (await api.call('POST', '/api/v1/tasks', { body: { type: 'plain.work', payload: {} }, headers })).json;
  const [claim] = (await api.call('POST', '/api/v1/tasks/claim', { body: { agent: 'a', types: ['plain.work'] } })).json
    .items;
  const { token } = claim;
  const at = `/api/v1/tasks/${task.taskId ?? task.id}`;
  await api.call('POST', `${at}/progress`, { body: { token, progress: TEXTS } });
  const ended = await api.call('POST', `${at}/complete`, { body: { token, result: { TEXTS } } });
  expect([200, 204]).toContain(ended.status);

  const driven = (await api.call('POST', '/api/v1/sessions', { body: { title: 'Driven', initialPrompt: 'x' } })).json;
  const events = [
    { type: 'output', actor: 'mia', payload: { text: TEXTS.join('\n') } },
    { type: 'output', actor: 'mia', payload: { text: `${'long '.repeat(20_000)}${TEXTS.join('\n')}` } },
  ];
  const appended = await api.call('POST', `/api/v1/sessions/${driven.id}/journal`, { body: { events }, headers });
  expect(appended.status).toBe(200);
  await api.call('PATCH', `/api/v1/sessions/${driven.id}`, {
    body: { description: TEXTS.join(' ') },
    headers: { ...headers, 'if-match': `"${driven.version}"`, 'idempotency-key': 'once' },
  });
  const asked = await api.call('POST', '/api/v1/approvals', {
    body: {
      sessionId: driven.id,
      tool: 'bash',
      workingDirectory: '/work',
      arguments: { command: `deploy ${TEXTS.join(' ')}`, env: { TEXTS } },
    },
    headers,
  });
  expect(asked.status).toBe(201);
  const approval = `/api/v1/approvals/${asked.json.id}`;
  const reason = { body: { reason: `no: ${TEXTS.join(' ')}` }, headers: { 'x-signalbox-actor': 'eve' } };
  const said = await api.call('POST', `${approval}/comments`, { body: { text: TEXTS.join(' ') }, headers });
  const rejected = await api.call('POST', `${approval}/reject`, reason);
  expect([said.status < 300, rejected.json.status]).toEqual([true, 'rejected']);
  await api.audit.seal();
  const answers = [
    await api.call('GET', `/api/v1/sessions/${encodeURIComponent(SHAPES.github)}`),
    await api.call('GET', `/api/v1/sessions?titel=${encodeURIComponent(TEXTS.join(' '))}`),
    await api.call('GET', `/api/v1/sessions/${sessionId}/journal?pageSize=1000`),
    await api.call('GET', `/api/v1/sessions/${driven.id}/journal?pageSize=1000`),
    await api.call('GET', `/api/v1/sessions?pageSize=100`),
    await api.call('GET', `/api/v1/tasks?pageSize=100`),
    await api.call('GET', `/api/v1/audit?pageSize=100`),
  ];
  const digest = answers[3]?.json.items.at(-1).payloadDigest;
  for (const more of [
    approval,
    '/api/v1/approvals?pageSize=100',
    '/api/v1/audit/export',
    '/api/v1/audit/export?format=sealed',
    '/api/v1/webhooks',
  ])
    answers.push(await api.call('GET', more));
  expect(answers.at(-2)?.text).toContain('"kind":"seal"');
  answers.push(await api.call('GET', `/api/v1/sessions/${driven.id}/journal/payloads/${digest}`));
  for (const { text, status } of answers) expect([status, found(text)]).toEqual([status, []]);
  // What was asked really was there to be found, and was said.
  expect(answers.at(-1)?.text).toContain('long long');
  const journal = answers[2]?.text ?? '';
  expect(journal).toContain('said all');
  expect(journal.match(/\[redacted\]/g)?.length).toBeGreaterThanOrEqual(4 * TEXTS.length);

  api.core.logger.warn({ err: new Error(TEXTS.join(' ')), TEXTS }, `%s ${REGISTERED}`, SHAPES.slack);
  expect(logged.join('')).toContain('[redacted]');
  expect(found(logged.join(''))).toEqual([]);
  const deliver = async () => {
    await api.core.webhookDispatcher.round();
    await api.core.webhookDispatcher.settled();
    return delivered.join('');
  };
  await expect.poll(deliver, { timeout: 45_000 }).toContain(asked.json.id);
  expect(found(delivered.join(''))).toEqual([]);
  const archive = await api.app.inject({
    method: 'POST',
    url: '/api/v1/system/export',
    headers: { host: 'localhost' },
  });
  const exported = gunzipSync(archive.rawPayload).toString('latin1');
  expect(exported).toContain(asked.json.id);
  expect(found(exported)).toEqual([]);
  const dump = await tables();
  expect(dump.size).toBeGreaterThan(40);
  for (const table of ['approvals', 'webhook_deliveries', 'audit_events', 'session_metrics'])
    expect([table, dump.get(table)]).toEqual([table, expect.stringMatching(/./)]);
  for (const [table, text] of dump) expect([table, found(text)]).toEqual([table, []]);
});

test('what a program works with stays as it is, and is masked where people are shown it', async () => {
  const payload = { deploy: { with: SHAPES.aws } };
  const { json: task } = await api.call('POST', '/api/v1/tasks', { body: { type: 'deploy.work', payload } });
  const id = task.taskId ?? task.id;
  expect((await api.call('GET', `/api/v1/tasks/${id}`)).json.payload).toEqual({ deploy: { with: '[redacted]' } });
  const { json } = await api.call('POST', '/api/v1/tasks/claim', { body: { agent: 'a', types: ['deploy.work'] } });
  expect(json.items[0].task?.payload ?? json.items[0].payload).toEqual(payload);
});
