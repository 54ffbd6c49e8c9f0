import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type Message, Role, SendMessageRequest, type StreamResponse, type Task, TaskState } from '@a2a-js/sdk';
import { type Client, ClientFactory, DefaultAgentCardResolver, JsonRpcTransportFactory } from '@a2a-js/sdk/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';
import { A2A_PATH, CARD_PATH } from './agent-card.ts';

let api: ApiHarness;
let base: string;
let secrets: Record<'viewer' | 'agent' | 'operator' | 'elsewhere', string>;

beforeAll(async () => {
  api = await openApi({ environment: { SIGNALBOX_AUTH: 'required' } });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  base = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`;
  const { id } = await api.core.projects.get('default');
  const other = await api.core.projects.create({ slug: 'elsewhere' }, 'test');
  const key = async (projectId: string, name: string, role: 'viewer' | 'agent' | 'operator') =>
    (await api.core.keys.create(projectId, { name, role }, 'test')).secret;
  secrets = {
    viewer: await key(id, 'a viewer', 'viewer'),
    agent: await key(id, 'an orchestrator', 'agent'),
    operator: await key(id, 'an operator', 'operator'),
    elsewhere: await key(other.id, 'a stranger', 'operator'),
  };
});
afterAll(() => api?.close());

/** The official client, which finds its way by the card. */
function connect(who: keyof typeof secrets): Promise<Client> {
  const fetchImpl: typeof fetch = (url, init) =>
    fetch(url, {
      ...init,
      headers: { ...Object.fromEntries(new Headers(init?.headers)), authorization: `Bearer ${secrets[who]}` },
    });
  const factory = new ClientFactory({
    transports: [new JsonRpcTransportFactory({ fetchImpl })],
    cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
  });
  return factory.createFromUrl(base);
}

/** A session that whoever takes it drives, as this test does: the protocol is tried here, not a runtime. */
const DRIVEN = { runtime: null, workspaceId: null };

function request(
  text: string,
  more: { message?: Partial<Message>; signalbox?: object; wait?: boolean } = {},
): SendMessageRequest {
  return {
    tenant: '',
    metadata: undefined,
    configuration: {
      acceptedOutputModes: [],
      taskPushNotificationConfig: undefined,
      returnImmediately: !more.wait,
    },
    message: {
      messageId: randomUUID(),
      contextId: '',
      taskId: '',
      role: Role.ROLE_USER,
      parts: [{ content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType: 'text/plain' }],
      metadata: { signalbox: { ...DRIVEN, ...more.signalbox } },
      extensions: [],
      referenceTaskIds: [],
      ...more.message,
    },
  };
}

/** The same message, sent by one who does not wait. */
const atOnce = (asked: SendMessageRequest): SendMessageRequest => ({
  ...asked,
  configuration: request('').configuration,
});
const sent = async (client: Client, asked: SendMessageRequest) => (await client.sendMessage(asked)) as Task;
const named = (id: string) => ({ tenant: '', id });
const stateOf = (task: Task) => TaskState[task.status?.state ?? 0];
const post = (path: string, body: unknown) =>
  api.call('POST', `/api/v1${path}`, { body, headers: { authorization: `Bearer ${secrets.operator}` } });

async function say(id: string, text: string, role = 'assistant') {
  const events = [{ type: 'message', actor: 'the agent', payload: { role, text, messageId: randomUUID() } }];
  expect((await post(`/sessions/${id}/journal`, { events })).status).toBe(200);
}
async function complete(id: string) {
  expect((await post(`/sessions/${id}/complete`, {})).status).toBe(200);
}

describe('the A2A endpoint', () => {
  it('tells everybody of itself by its card', async () => {
    const card = await api.call('GET', CARD_PATH, {});
    expect(card.status).toBe(200);
    expect(card.json).toMatchObject({
      name: 'Signalbox',
      capabilities: { streaming: true },
      supportedInterfaces: [{ protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
      skills: [{ id: 'run-session' }],
    });
    expect(card.json.securitySchemes.bearer).toBeDefined();
  });

  it('makes a session of a message, once, and shows it as a task up to its answer', async () => {
    const client = await connect('agent');
    const asked = request('Mend the rounding.\nIt is off by a cent.', { signalbox: { tags: ['from-afar'] } });
    const task = await sent(client, asked);
    expect(stateOf(task)).toBe('TASK_STATE_WORKING');
    expect(task.history.map(({ role }) => role)).toEqual([Role.ROLE_USER]);
    expect((await sent(client, asked)).id).toBe(task.id);
    const session = await api.core.sessions.get((await api.core.projects.get('default')).id, task.id);
    expect(session).toMatchObject({
      title: 'Mend the rounding.',
      initialPrompt: 'Mend the rounding.\nIt is off by a cent.',
      tags: ['from-afar'],
      createdBy: 'an orchestrator',
    });

    await say(task.id, 'It rounds too early.', 'reasoning');
    await say(task.id, 'Mended.');
    await complete(task.id);
    const done = await client.getTask(named(task.id));
    expect(stateOf(done)).toBe('TASK_STATE_COMPLETED');
    expect(done.artifacts[0]?.parts[0]?.content).toEqual({ $case: 'text', value: 'Mended.' });
    expect(done.history.map(({ parts }) => parts[0]?.content?.value)).toEqual([
      'Mend the rounding.\nIt is off by a cent.',
      'Mended.',
    ]);
    expect((await client.getTask({ ...named(task.id), historyLength: 1 })).history).toHaveLength(1);
    expect((await client.getTask({ ...named(task.id), historyLength: 0 })).history).toEqual([]);
  });

  it('lets a sender wait for the end, and streams what happens until then', async () => {
    const client = await connect('agent');
    const asked = request('Count the files.', { wait: true });
    const waiting = sent(client, asked);
    const { id } = await sent(client, atOnce(asked));
    const seen: StreamResponse[] = [];
    const first = Promise.withResolvers<void>();
    const reading = (async () => {
      for await (const update of client.resubscribeTask(named(id))) {
        seen.push(update);
        first.resolve();
      }
    })();
    await first.promise;
    await say(id, 'There are seven.');
    await expect.poll(() => seen.length).toBeGreaterThan(1);
    await complete(id);
    await reading;
    expect(stateOf(await waiting)).toBe('TASK_STATE_COMPLETED');
    const [task, spoken, ...rest] = seen.map(({ payload }) => payload);
    expect(task?.$case).toBe('task');
    expect(spoken).toMatchObject({
      $case: 'statusUpdate',
      value: { taskId: id, status: { message: { parts: [{ content: { value: 'There are seven.' } }] } } },
    });
    expect(rest.map((update) => update?.$case)).toEqual(['artifactUpdate', 'statusUpdate']);
    expect(rest.at(-1)?.value).toMatchObject({ status: { state: TaskState.TASK_STATE_COMPLETED } });
    await expect(async () => {
      for await (const _ of client.resubscribeTask(named(id)));
    }).rejects.toThrow(/is over/);
  });

  it('lists the tasks of a context, the last to move first, page by page', async () => {
    const client = await connect('agent');
    const contextId = randomUUID();
    const ids: string[] = [];
    for (const text of ['One.', 'Two.', 'Three.']) {
      ids.push((await sent(client, request(text, { message: { contextId } }))).id);
    }
    await complete(ids[0] ?? '');
    const ask = {
      tenant: '',
      contextId,
      status: TaskState.TASK_STATE_UNSPECIFIED,
      pageToken: '',
      statusTimestampAfter: undefined,
    };
    const page = await client.listTasks({ ...ask, pageSize: 2 });
    expect(page.tasks.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    expect(page.tasks.every((task) => task.contextId === contextId && task.history.length === 0)).toBe(true);
    expect(page.totalSize).toBe(3);
    const next = await client.listTasks({ ...ask, pageSize: 2, pageToken: page.nextPageToken });
    expect(next.tasks.map(({ id }) => id)).toEqual([ids[1]]);
    expect(next.nextPageToken).toBe('');
    const over = await client.listTasks({ ...ask, status: TaskState.TASK_STATE_COMPLETED });
    expect(over.tasks.map(({ id }) => id)).toEqual([ids[0]]);
  });

  it('says that people have to agree, also to who waits', async () => {
    const client = await connect('agent');
    const asked = request('Delete the build.', { wait: true });
    const waiting = sent(client, asked);
    const { id } = await sent(client, atOnce(asked));
    const approval = await post('/approvals', { sessionId: id, tool: 'bash', arguments: { command: 'rm -rf build' } });
    expect(approval.status).toBe(201);
    await post(`/sessions/${id}/pause`, {});
    const task = await waiting;
    expect(stateOf(task)).toBe('TASK_STATE_AUTH_REQUIRED');
    expect(task.status?.message?.parts[0]?.content?.value).toContain(approval.json.id);
  });

  it('cancels as an operator, and what is over no more', async () => {
    const agent = await connect('agent');
    const { id } = await sent(agent, request('Wait.'));
    await expect(agent.cancelTask({ ...named(id), metadata: undefined })).rejects.toThrow(/FORBIDDEN/);
    const operator = await connect('operator');
    expect(stateOf(await operator.cancelTask({ ...named(id), metadata: undefined }))).toBe('TASK_STATE_CANCELED');
    await expect(operator.cancelTask({ ...named(id), metadata: undefined })).rejects.toThrow(/is cancelled/);
  });

  it('refuses in the terms of the protocol, and tells nothing of other projects', async () => {
    const client = await connect('agent');
    const { id } = await sent(client, request('Mine.'));
    const stranger = await connect('elsewhere');
    await expect(stranger.getTask(named(id))).rejects.toThrow(/SESSION_NOT_FOUND/);
    const all = { tenant: '', contextId: '', status: 0, pageToken: '', statusTimestampAfter: undefined };
    expect((await stranger.listTasks(all)).tasks).toEqual([]);
    await expect((await connect('viewer')).sendMessage(request('No.'))).rejects.toThrow(/FORBIDDEN/);
    const refused = (text: string, more: Parameters<typeof request>[1] = {}) =>
      expect(client.sendMessage(request(text, more))).rejects;
    await refused(' ').toThrow(/needs a text/);
    await refused('No.', { message: { taskId: id } }).toThrow(/takes no further messages/);
    await refused('No.', { message: { taskId: randomUUID() } }).toThrow(/SESSION_NOT_FOUND/);
    await refused('No.', { signalbox: { nonsense: 1 } }).toThrow(/nonsense/);
    await refused('No.', { signalbox: { id: randomUUID() } }).toThrow(/metadata\.signalbox\.id/);
    await refused('No.', { signalbox: { workspaceId: undefined } }).toThrow(/The project has 0 workspaces/);
    const data = {
      content: { $case: 'data' as const, value: { a: 1 } },
      metadata: undefined,
      filename: '',
      mediaType: '',
    };
    await refused('No.', { message: { parts: [data] } }).toThrow(/Only text parts/);
    const messageId = randomUUID();
    await client.sendMessage(request('Once.', { message: { messageId } }));
    await refused('Twice.', { message: { messageId } }).toThrow(/another text before/);
  });

  it('wants a key, its own version, and requests that are requests', async () => {
    const body = { jsonrpc: '2.0', id: 1, method: 'GetTask', params: named(randomUUID()) };
    const as = (headers: Record<string, string>, content: unknown = body) =>
      api.call('POST', A2A_PATH, { body: content, headers });
    const authorization = `Bearer ${secrets.agent}`;
    expect((await as({ 'a2a-version': '1.0' })).status).toBe(401);
    expect((await as({ authorization })).json.error).toMatchObject({ code: -32_009 });
    const spoken = { authorization, 'a2a-version': '1.0' };
    expect((await as(spoken)).json).toMatchObject({ id: 1, error: { code: -32_001 } });
    expect((await as(spoken, { ...body, method: 'Nonsense' })).json.error.code).toBe(-32_601);
    const push = { taskId: randomUUID(), url: 'https://example.org' };
    const pushed = await as(spoken, { ...body, method: 'CreateTaskPushNotificationConfig', params: push });
    expect(pushed.json.error).toMatchObject({ code: -32_003, message: expect.stringContaining('webhooks') });
    const broken = await api.call('POST', A2A_PATH, {
      raw: '{',
      headers: { ...spoken, 'content-type': 'application/json' },
    });
    expect([broken.status, broken.json.error.code]).toEqual([400, -32_700]);
    for (const content of [[], 'x', 7, { jsonrpc: '1.0' }, { ...body, params: [] }]) {
      const answer = await as(spoken, content);
      expect(answer.status).toBeLessThan(500);
      expect(answer.json.error ?? answer.json.code).toBeDefined();
    }
  });

  it('keeps nobody waiting at a server that stops, and gives the card where it is reached from elsewhere', async () => {
    const other = await openApi({ environment: { SIGNALBOX_WEBHOOKS_DASHBOARD_URL: 'https://signalbox.example/' } });
    try {
      await other.app.listen({ host: '127.0.0.1', port: 0 });
      const at = `http://127.0.0.1:${(other.app.server.address() as AddressInfo).port}`;
      const card = await other.call('GET', CARD_PATH, {});
      expect(card.json.supportedInterfaces[0].url).toBe(`https://signalbox.example${A2A_PATH}`);
      expect(card.json.securitySchemes ?? {}).toEqual({});
      const params = SendMessageRequest.toJSON(request('Never done.', { wait: true }));
      const waiting = fetch(`${at}${A2A_PATH}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'a2a-version': '1.0' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params }),
      });
      const sessions = async () => (await other.call('GET', '/api/v1/sessions')).json.total;
      await expect.poll(sessions).toBe(1);
      await other.app.close();
      const { result } = (await (await waiting).json()) as { result: { task: { status: { state: string } } } };
      expect(result.task.status.state).toBe('TASK_STATE_WORKING');
    } finally {
      await other.close();
    }
  });
});
