import { request } from 'node:http';
import type { ToolDecision } from '@signalbox/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HookEndpoint, startHookEndpoint } from './hook-endpoint.ts';
import type { ShellHook, ToolAfterHook, ToolBeforeHook } from './hook-protocol.ts';
import signalboxPlugin from './signalbox-plugin.ts';

const TOKEN = 'token-of-this-run';
const input = { tool: 'write', sessionID: 'ses_1', callID: 'call_1' };

let endpoint: HookEndpoint;
let readyCalls = 0;
let befores: ToolBeforeHook[] = [];
let afters: ToolAfterHook[] = [];
let shells: ShellHook[] = [];
let decide: () => Promise<ToolDecision>;

beforeEach(async () => {
  readyCalls = 0;
  befores = [];
  afters = [];
  shells = [];
  decide = async () => ({ decision: 'allow' });
  endpoint = await startHookEndpoint(TOKEN, {
    ready: () => {
      readyCalls++;
    },
    before: (hook) => {
      befores.push(hook);
      return decide();
    },
    shell: (hook) => {
      shells.push(hook);
      return { MARK: hook.callId };
    },
    after: async (hook) => {
      afters.push(hook);
    },
  });
});
afterEach(() => endpoint.close());

const load = (token = TOKEN, url = endpoint.url) =>
  signalboxPlugin(null, { url, token, shellEnvironment: { HOME: '/home/user' } });

interface RawRequest {
  method?: string;
  path?: string;
  body?: string;
  headers?: Record<string, string>;
}

/** Status of a request as anybody on the machine could make it. */
function statusOf({ method = 'POST', path = '/tool-before', body = '{}', headers = {} }: RawRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${endpoint.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.end(method === 'GET' ? undefined : body);
  });
}

describe('the plugin and its endpoint', () => {
  test('a tool call waits for the decision and goes on when it is allowed', async () => {
    const hooks = await load();
    expect(readyCalls).toBe(1);
    const decision = Promise.withResolvers<ToolDecision>();
    decide = () => decision.promise;
    let over = false;
    const call = hooks['tool.execute.before'](input, { args: { filePath: 'a' } }).then(() => {
      over = true;
    });
    while (befores.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(befores).toEqual([{ tool: 'write', sessionId: 'ses_1', callId: 'call_1', arguments: { filePath: 'a' } }]);
    expect(over).toBe(false);
    decision.resolve({ decision: 'allow' });
    await call;
    expect(over).toBe(true);
  });

  test('edited arguments take the place of the call’s own, in the object that OpenCode goes on with', async () => {
    const hooks = await load();
    decide = async () => ({ decision: 'allow', arguments: { command: 'ls' } });
    const args = { command: 'rm -rf /', timeout: 9 };
    await hooks['tool.execute.before'](input, { args });
    expect(args).toEqual({ command: 'ls' });
  });

  test('a denial fails the tool call with its reason', async () => {
    const hooks = await load();
    decide = async () => ({ decision: 'deny', reason: 'Locked by session 42.' });
    await expect(hooks['tool.execute.before'](input, { args: {} })).rejects.toThrow('Locked by session 42.');
  });

  test('a decision that cannot be made, or is none, refuses the tool call', async () => {
    const hooks = await load();
    decide = () => Promise.reject(new Error('no database'));
    await expect(hooks['tool.execute.before'](input, { args: {} })).rejects.toThrow(/^Refused/);
    decide = async () => null as unknown as ToolDecision;
    await expect(hooks['tool.execute.before'](input, { args: {} })).rejects.toThrow(/^Refused/);
  });

  test('an endpoint that goes away refuses the calls that wait and those that come', async () => {
    const hooks = await load();
    decide = () => new Promise(() => undefined);
    const waiting = hooks['tool.execute.before'](input, { args: {} });
    const outcome = expect(waiting).rejects.toThrow(/^Refused/);
    while (befores.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await endpoint.close();
    await outcome;
    await expect(hooks['tool.execute.before'](input, { args: {} })).rejects.toThrow(/^Refused/);
    await expect(hooks['tool.execute.after']({ ...input, args: {} }, {})).rejects.toThrow(/^Refused/);
  });

  test('results are told with title, output and metadata, those of MCP servers as text', async () => {
    const hooks = await load();
    const metadata = { diff: '+x' };
    await hooks['tool.execute.after']({ ...input, args: { a: 1 } }, { title: 'a.txt', output: 'done', metadata });
    await hooks['tool.execute.after']({ ...input, args: {} }, { content: [{ type: 'text', text: 'hi' }] });
    const call = { tool: 'write', sessionId: 'ses_1', callId: 'call_1' };
    expect(afters).toEqual([
      { ...call, arguments: { a: 1 }, title: 'a.txt', output: 'done', metadata },
      { ...call, arguments: {}, title: null, output: '[{"type":"text","text":"hi"}]', metadata: {} },
    ]);
  });

  test('shells get the environment that was ordered for them', async () => {
    const output = { env: { HOME: '/elsewhere', KEPT: '1' } };
    await (await load())['shell.env']({}, output);
    expect(output.env).toEqual({ HOME: '/home/user', KEPT: '1' });
    expect(shells).toEqual([]);
  });

  test('the shells of a call get its mark, and none is opened that cannot be marked', async () => {
    const hooks = await load();
    const output = { env: { HOME: '/elsewhere' } };
    await hooks['shell.env']({ sessionID: 'ses_1', callID: 'call_1' }, output);
    expect(output.env).toEqual({ HOME: '/home/user', MARK: 'call_1' });
    expect(shells).toEqual([{ sessionId: 'ses_1', callId: 'call_1' }]);
    await endpoint.close();
    await expect(hooks['shell.env']({ sessionID: 'ses_1', callID: 'call_1' }, output)).rejects.toThrow(/^Refused/);
  });

  test('a plugin with another token is not let in', async () => {
    await expect(load('another-token')).rejects.toThrow(/401/);
    expect(readyCalls).toBe(0);
  });

  test.each<[string, RawRequest, number]>([
    ['a rebound host', { headers: { host: 'evil.example' } }, 421],
    ['a host name instead of the address', { headers: { host: 'localhost' } }, 421],
    ['no token', { headers: { authorization: '' } }, 401],
    ['a token with more behind it', { headers: { authorization: `Bearer ${TOKEN}x` } }, 401],
    ['a form post', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
    ['another method', { method: 'GET' }, 405],
    ['another path', { path: '/elsewhere' }, 404],
    ['no JSON', { body: '{' }, 400],
    ['JSON without the fields', { body: '{"tool":"write"}' }, 400],
  ])('refuses %s and lives on', async (_, raw, status) => {
    expect(await statusOf(raw)).toBe(status);
    expect(befores).toEqual([]);
    expect(await statusOf({ path: '/ready' })).toBe(200);
  });
});
