import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';
import { TOOLS } from './tools.ts';

const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';
/** Results of any shape. */
const anything = z.looseObject({});

let api: ApiHarness;
let url: URL;
let secrets: Record<'viewer' | 'agent' | 'operator' | 'elsewhere', string>;
const open: Client[] = [];
const folders: string[] = [];

beforeAll(async () => {
  api = await openApi({ environment: { SIGNALBOX_AUTH: 'required' } });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  url = new URL(`http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}/mcp`);
  const { id } = await api.core.projects.get('default');
  const other = await api.core.projects.create({ slug: 'elsewhere' }, 'test');
  const key = async (projectId: string, name: string, role: 'viewer' | 'agent' | 'operator') =>
    (await api.core.keys.create(projectId, { name, role }, 'test')).secret;
  secrets = {
    viewer: await key(id, 'a viewer', 'viewer'),
    agent: await key(id, 'an agent', 'agent'),
    operator: await key(id, 'an operator', 'operator'),
    elsewhere: await key(other.id, 'a stranger', 'operator'),
  };
});
afterAll(async () => {
  await Promise.all(open.map((client) => client.close()));
  await api?.close();
  await Promise.all(folders.map((path) => rm(path, { recursive: true, force: true })));
});

async function connect(version: string, secret: string, extensions: Record<string, object> = {}): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    {
      capabilities: { extensions: extensions as never },
      ...(version === MODERN ? { versionNegotiation: { mode: { pin: MODERN } } } : {}),
    },
  );
  const headers = { authorization: `Bearer ${secret}` };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  open.push(client);
  return client;
}

/** The tools that were called here. */
const called = new Set<string>();

/** What a tool answers, or the code it refuses with. */
async function call(client: Client, name: string, args: Record<string, unknown> = {}) {
  called.add(name);
  const result = await client.callTool({ name, arguments: args });
  const [first] = result.content;
  const text = first?.type === 'text' ? first.text : '';
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  return result.isError ? { refused: text } : (result.structuredContent as any);
}

const post = (path: string, body: unknown, secret = secrets.operator) =>
  api.call('POST', `/api/v1${path}`, { body, headers: { authorization: `Bearer ${secret}` } });

async function newSession(secret = secrets.operator): Promise<string> {
  const answer = await post(
    '/sessions',
    { title: `Mend the parser ${randomUUID()}`, initialPrompt: 'Mend it.' },
    secret,
  );
  return answer.json.id;
}

describe.each([MODERN, LEGACY])('the MCP server over HTTP, revision %s', (version) => {
  let agent: Client;
  beforeAll(async () => {
    agent = await connect(version, secrets.agent);
  });

  it('lists every tool with schemas and annotations', async () => {
    expect(agent.getNegotiatedProtocolVersion()).toBe(version);
    const { tools } = await agent.listTools();
    expect(tools.map(({ name }) => name)).toEqual(TOOLS.map(({ name }) => name));
    for (const tool of tools) {
      expect([tool.name, tool.inputSchema.additionalProperties]).toEqual([tool.name, false]);
      expect([tool.name, tool.outputSchema?.type, typeof tool.annotations?.readOnlyHint]).toEqual([
        tool.name,
        'object',
        'boolean',
      ]);
    }
    const reading = tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name);
    expect(reading).toEqual([
      'fetch_status',
      'undo_preview',
      'measure_reach',
      'search_graph',
      'graph_dependencies',
      'graph_impact',
      'sessions_touching',
      'joining_context',
      'list_specs',
      'get_spec',
      'plan_spec_tests',
      'analyse_proposal',
      'validate_code',
      'security_scan',
      'source_status',
    ]);
    expect(await call(agent, 'measure_reach', { paths: ['a.ts'] })).toMatchObject({
      level: 'unknown',
      unowned: ['a.ts'],
    });
  });

  it('lets an agent work on tasks: claim, heartbeat, progress, completion, failure', async () => {
    const queue = `q-${randomUUID()}`;
    const first = await call(agent, 'enqueue_task', { type: 'lint', queue, idempotencyKey: queue });
    const second = await call(agent, 'enqueue_task', { type: 'build', queue, maxAttempts: 1 });
    expect(await call(agent, 'enqueue_task', { type: 'lint', queue, idempotencyKey: queue })).toMatchObject({
      taskId: first.taskId,
      created: false,
    });
    const { claim } = await call(agent, 'claim_task', { queues: [queue] });
    expect(claim).toMatchObject({ taskId: first.taskId, agent: 'an agent', type: 'lint' });
    const mine = { taskId: claim.taskId, token: claim.token };
    expect(await call(agent, 'heartbeat', { claims: [mine] })).toEqual({ lost: [] });
    await call(agent, 'report_progress', { ...mine, progress: { files: 3 } });
    expect(await call(agent, 'fetch_status', { taskId: first.taskId })).toMatchObject({
      items: [{ kind: 'task', status: 'running', progress: { files: 3 } }],
    });
    expect(await call(agent, 'complete_task', { ...mine, result: { clean: true } })).toMatchObject({
      status: 'completed',
    });
    expect((await call(agent, 'complete_task', mine)).refused).toMatch(/^CLAIM_LOST: /);
    const other = (await call(agent, 'claim_task', { queues: [queue] })).claim;
    expect(other.taskId).toBe(second.taskId);
    const failed = { taskId: other.taskId, token: other.token, error: 'no compiler', retryable: false };
    expect(await call(agent, 'fail_task', failed)).toMatchObject({ status: 'failed' });
    expect(await call(agent, 'claim_task', { queues: [queue] })).toEqual({ claim: null });
  });

  it('locks and unlocks', async () => {
    const resource = `repo/${randomUUID()}`;
    const { status, lock } = await call(agent, 'lock', { resource, owner: 'one' });
    expect(status).toBe('granted');
    expect((await call(agent, 'lock', { resource, owner: 'two', waitMs: 0 })).refused).toMatch(/^LOCK_/);
    expect(await call(agent, 'unlock', { lockId: lock.id, token: lock.token })).toEqual({ released: true });
    expect(await call(agent, 'lock', { resource, owner: 'two', waitMs: 0 })).toMatchObject({ status: 'granted' });
  });

  it('records events and checkpoints of a session, which can be read as resources, page by page', async () => {
    const sessionId = await newSession();
    const eventId = randomUUID();
    const event = { sessionId, eventId, type: 'test_pass', payload: { passed: 41 } };
    const recorded = await call(agent, 'record_event', event);
    expect(recorded).toMatchObject({ eventId, duplicate: false });
    expect(await call(agent, 'record_event', event)).toEqual({ ...recorded, duplicate: true });
    expect(await call(agent, 'checkpoint', { sessionId, data: { step: 1 } })).toMatchObject({ sequence: 1 });
    expect((await call(agent, 'undo_preview', { selection: { sessionIds: [sessionId] } })).refused).toMatch(
      /^[A-Z_]+: /,
    );
    const question = { sessionId, tool: 'bash', workingDirectory: '/work', arguments: { command: 'rm -rf build' } };
    const asked = await call(agent, 'request_approval', question);
    expect(asked).toMatchObject({ status: 'pending', sessionId, requestedBy: 'an agent' });
    expect((await call(agent, 'request_approval', question)).id).toBe(asked.id);
    const uri = `signalbox://sessions/${sessionId}`;
    const read = async (at: string) => {
      const { contents } = await agent.readResource({ uri: at });
      return JSON.parse((contents[0] as { text: string }).text);
    };
    expect(await read(uri)).toMatchObject({ id: sessionId, title: expect.stringContaining('Mend the parser') });
    const { items, next } = await read(`${uri}/journal`);
    expect([items[0], next]).toMatchObject([{ eventId, actor: 'an agent', payload: { passed: 41 } }, null]);
    const behind = await read(`${uri}/journal/after/${recorded.seq}`);
    expect(behind.items.map(({ seq }: { seq: number }) => seq)).not.toContain(recorded.seq);
    const listed = await agent.listResources();
    expect(listed.resources.map((resource) => resource.uri)).toContain(`${uri}/journal`);
    const { resourceTemplates } = await agent.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain('signalbox://sessions/{id}/journal');
  });

  it('searches the graph of the code, and tells what depends on what and what a change can break', async () => {
    const [from, to] = [`domain:${version}/bills`, `domain:${version}/taxes`];
    const relationships = [{ type: 'CALLS', fromEntityId: from, toEntityId: to, source: 'ast' }];
    const about = { description: '', criticality: 'core', stakeholders: [], keyProcesses: [], extractedFrom: [] };
    const entities = [from, to].map((id) => ({ id, type: 'businessDomain', name: `The ${id}`, ...about }));
    const said = await post('/graph/ingest', { units: [{ unit: `notes:${version}`, entities, relationships }] });
    expect(said.json).toMatchObject({ entities: { added: 2 }, problems: [] });
    const found = await call(agent, 'search_graph', { query: `${version}/taxes` });
    expect(JSON.stringify(found)).toContain(to);
    const depends = await call(agent, 'graph_dependencies', { entityId: to });
    expect(JSON.stringify(depends)).toContain(from);
    const impact = await call(agent, 'graph_impact', { changes: [{ entityId: to, changeType: 'delete' }] });
    expect(JSON.stringify(impact)).toContain(from);
    expect((await call(agent, 'search_graph', { query: '' })).refused).toMatch(/query/);
  });

  it('lets an agent say what is wanted, tie code to it, and see which tests are missing', async () => {
    const title = `Sums ${randomUUID()}`;
    const wanted = { title, description: '', goals: [], acceptanceCriteria: ['It adds up to the cent.'] };
    const { specId, spec } = await call(agent, 'create_spec', wanted);
    const acceptanceCriteriaIds = spec.acceptanceCriteriaIds;
    const tie = { entityId: specId, type: 'REQUIRES', acceptanceCriteriaIds };
    expect(await call(agent, 'link_spec', { specId, links: [tie] })).toMatchObject({
      validationResults: { isValid: false },
    });
    expect(await call(agent, 'get_spec', { specId })).toMatchObject({ relatedSpecs: [{ id: specId }] });
    expect(await call(agent, 'list_specs', { search: title })).toMatchObject({ items: [{ id: specId }] });
    const plan = await call(agent, 'plan_spec_tests', { specId });
    expect(plan.testPlan.e2eTests).toMatchObject([{ status: 'missing', acceptanceCriteriaIds }]);
    expect((await call(agent, 'get_spec', { specId: 'spec:nobody' })).refused).toMatch(/^SPEC_NOT_FOUND/);
  });

  it('tells which sessions touched an entity, and what to know before joining one', async () => {
    const sessionId = await newSession();
    const entityId = `file:${version}/${sessionId}.ts`;
    const changeInfo = { elementType: 'function', entityIds: [entityId], operation: 'modified' };
    await post(`/sessions/${sessionId}/journal`, { events: [{ type: 'modified', actor: 'ann', changeInfo }] });
    const touching = await call(agent, 'sessions_touching', { entityId });
    expect(touching).toMatchObject({ total: 1, sessions: [{ sessionId, eventCount: 1 }], graph: 'ok' });
    const context = await call(agent, 'joining_context', { sessionId });
    expect(context).toMatchObject({ sessionId, kgContext: [{ entityId, related: [] }], graph: 'ok' });
    expect(context.joiningAdvice).toMatch(/^Sync with: /);
  });

  it('lets an agent ask what a change would break, whether code holds, and what scanners found', async () => {
    const workspaceId = randomUUID();
    const changes = [{ file: 'a.ts', type: 'create', newContent: '' }];
    const nowhere = await call(agent, 'analyse_proposal', { workspaceId, changes, description: 'a' });
    expect(nowhere.refused).toMatch(/^WORKSPACE_NOT_FOUND/);
    expect((await call(agent, 'validate_code', { workspaceId, changes })).refused).toMatch(/^WORKSPACE_NOT_FOUND/);
    expect((await call(agent, 'validate_code', { workspaceId })).refused).toMatch(/^VALIDATION_FAILED/);
    expect(await call(agent, 'security_scan', { severity: ['low'] })).toMatchObject({ issues: [] });
  });

  it('lets an agent see where a work tree stands and commit paths of it, and publish nothing', async () => {
    const path = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-mcp-')));
    folders.push(path);
    const git = (...args: string[]) => execFileSync('git', args, { cwd: path, encoding: 'utf8' }).trim();
    git('init', '-q', '-b', 'main');
    git('config', 'user.name', 'Ulla');
    git('config', 'user.email', 'ulla@example.com');
    await writeFile(join(path, 'tax.ts'), 'export const tax = 1;\n');
    await writeFile(join(path, 'b.txt'), 'b\n');
    const { id: workspaceId } = (await post('/workspaces', { path })).json;
    const commit = { workspaceId, title: 'Round up', description: '', changes: ['tax.ts'] };
    expect((await call(agent, 'commit_changes', { ...commit, createPR: true })).refused).toMatch(
      /^SOURCE_PUBLISH_REFUSED: .*operator/,
    );
    expect(await call(agent, 'source_status', { workspaceId })).toMatchObject({
      ...{ branch: 'main', untracked: ['b.txt', 'tax.ts'], lastCommit: null },
    });
    const made = await call(agent, 'commit_changes', commit);
    expect(made).toMatchObject({ status: 'committed', commitHash: git('rev-parse', 'HEAD'), branch: 'main' });
    expect(git('log', '--format=%s', '--name-only')).toBe('Round up\n\ntax.ts');
    expect(await call(agent, 'source_status', { workspaceId })).toMatchObject({
      ...{ untracked: ['b.txt'], lastCommit: { hash: made.commitHash, title: 'Round up' } },
    });
    const nowhere = { ...commit, workspaceId: randomUUID() };
    expect((await call(agent, 'commit_changes', nowhere)).refused).toMatch(/^WORKSPACE_NOT_FOUND/);
    expect((await call(agent, 'commit_changes', { ...commit, changes: [] })).refused).toMatch(/>=1 items/);
    const viewer = await connect(version, secrets.viewer);
    expect((await call(viewer, 'commit_changes', commit)).refused).toMatch(/^FORBIDDEN: /);
  });

  it('tells an agent what is known of a change, whether it compiles, and what a scanner found', async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-mcp-')));
    try {
      await writeFile(join(root, 'tsconfig.json'), '{ "compilerOptions": { "types": [], "lib": ["es5"] } }');
      await writeFile(join(root, 'tax.ts'), 'export const rate: number = 1;\n');
      const workspaceId = (await post('/workspaces', { path: root })).json.id;
      const changes = [{ file: 'tax.ts', type: 'modify', newContent: "export const rate: number = 'x';\n" }];
      const analysed = await call(agent, 'analyse_proposal', { workspaceId, changes, description: 'a' });
      expect(analysed).toMatchObject({ unknownFiles: ['tax.ts'] });
      expect(await call(agent, 'validate_code', { workspaceId, changes })).toMatchObject({
        ...{ typescript: { status: 'failed', issues: [{ file: 'tax.ts', rule: 'TS2322' }] } },
        overall: { passed: false },
      });
      const files = { workspaceId, files: ['tax.ts'], includeTypes: ['typescript'] };
      expect(await call(agent, 'validate_code', files)).toMatchObject({ overall: { passed: true } });
    } finally {
      await rm(root, { recursive: true, force: true });
    }
    const uri = `${version}.ts`;
    const locations = [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: 3 } } }];
    const results = [{ ruleId: 'no-eval', level: 'error', message: { text: 'Do not.' }, locations }];
    const sarif = { version: '2.1.0', runs: [{ tool: { driver: { name: 'lint' } }, results }] };
    await post('/graph/import', { text: JSON.stringify(sarif), suite: version });
    const scan = await call(agent, 'security_scan', {});
    expect(scan.reported.code).not.toBeNull();
    expect(scan.issues).toContainEqual(expect.objectContaining({ ruleId: 'no-eval', lineNumber: 3 }));
    expect(JSON.stringify(scan.issues)).toContain(uri);
  });

  it('refuses with protocol errors what the protocol refuses, and with tool errors what we refuse', async () => {
    await expect(agent.callTool({ name: 'drop_tables', arguments: {} })).rejects.toMatchObject({ code: -32_602 });
    await expect(agent.readResource({ uri: `signalbox://sessions/${randomUUID()}` })).rejects.toMatchObject({
      code: -32_602,
    });
    expect((await call(agent, 'unlock', { lockId: 'x', token: 1 })).refused).toMatch(/lockId/);
    expect((await call(agent, 'fetch_status', { nonsense: 1 })).refused).toMatch(/nonsense/);
    const viewer = await connect(version, secrets.viewer);
    expect((await call(viewer, 'enqueue_task', { type: 'lint' })).refused).toMatch(/^FORBIDDEN: /);
    expect(await call(viewer, 'fetch_status')).toMatchObject({ items: expect.any(Array) });
  });

  it('shows and changes nothing of another project', async () => {
    const sessionId = await newSession();
    const stranger = await connect(version, secrets.elsewhere);
    expect((await call(stranger, 'fetch_status', { sessionId })).refused).toMatch(/^SESSION_NOT_FOUND: /);
    expect(JSON.stringify(await call(stranger, 'fetch_status', { limit: 100 }))).not.toContain(sessionId);
    const event = { sessionId, type: 'test_pass' };
    expect((await call(stranger, 'record_event', event)).refused).toMatch(/^SESSION_NOT_FOUND: /);
    await expect(stranger.readResource({ uri: `signalbox://sessions/${sessionId}/journal` })).rejects.toMatchObject({
      code: -32_602,
    });
    expect((await stranger.listResources()).resources).toEqual([]);
  });

  it('shows no secrets, as the API shows none', async () => {
    const sessionId = await newSession();
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    await call(agent, 'record_event', { sessionId, type: 'test_pass', payload: { note: `token ${secret}` } });
    const { contents } = await agent.readResource({ uri: `signalbox://sessions/${sessionId}/journal` });
    expect(JSON.stringify(contents)).toContain('test_pass');
    expect(JSON.stringify(contents)).not.toContain(secret);
  });
});

it('every tool there is was called by the official client', () => {
  expect([...called].sort()).toEqual(TOOLS.map(({ name }) => name).sort());
});

describe('fetch_status', () => {
  it('shows work with one idempotency key once (CTL-033)', async () => {
    const agent = await connect(MODERN, secrets.agent);
    const key = randomUUID();
    const { taskId } = await call(agent, 'enqueue_task', { type: 'lint', queue: 'kept', idempotencyKey: key });
    const body = { title: 'Lint it', initialPrompt: 'Lint it.', metadata: { idempotencyKey: key } };
    const sessionId = (await post('/sessions', body)).json.id;
    const { items } = await call(agent, 'fetch_status', { idempotencyKey: key });
    expect(items).toMatchObject([{ kind: 'session', id: sessionId, idempotencyKey: key, repeated: 1 }]);
    const all = await call(agent, 'fetch_status', { limit: 100 });
    const ids = all.items.map(({ id }: { id: string }) => id);
    expect([ids.includes(sessionId), ids.includes(taskId)]).toEqual([true, false]);
  });
});

describe('the tasks extension', () => {
  const extensions = { 'io.modelcontextprotocol/tasks': {} };
  const ask = (client: Client, method: string, taskId: string) =>
    client.request({ method, params: { taskId } }, anything);

  it('follows a queued task to its end', async () => {
    const agent = await connect(MODERN, secrets.agent, extensions);
    expect(agent.getServerCapabilities()?.extensions).toEqual(extensions);
    const queue = `q-${randomUUID()}`;
    // The client of the protocol does not know this kind of result: it is refused there, and names what came.
    const handle = agent.callTool({ name: 'enqueue_task', arguments: { type: 'lint', queue } });
    await expect(handle).rejects.toMatchObject({ data: { resultType: 'task' } });
    const { claim } = await call(await connect(MODERN, secrets.agent), 'claim_task', { queues: [queue] });
    expect(await ask(agent, 'tasks/get', claim.taskId)).toMatchObject({ taskId: claim.taskId, status: 'working' });
    expect(await ask(agent, 'tasks/update', claim.taskId)).not.toHaveProperty('status');
    const mine = { taskId: claim.taskId, token: claim.token };
    await call(agent, 'complete_task', { ...mine, result: { clean: true } });
    expect(await ask(agent, 'tasks/get', claim.taskId)).toMatchObject({
      status: 'completed',
      result: { structuredContent: { result: { clean: true } } },
    });
  });

  it('cancels for those who may, and knows no tasks of others', async () => {
    const [agent, operator, stranger] = await Promise.all(
      [secrets.agent, secrets.operator, secrets.elsewhere].map((secret) => connect(MODERN, secret)),
    );
    if (!agent || !operator || !stranger) throw new Error('nobody connected');
    const { taskId } = await call(agent, 'enqueue_task', { type: 'lint', queue: 'never' });
    await expect(ask(stranger, 'tasks/get', taskId)).rejects.toMatchObject({ code: -32_602 });
    await expect(ask(agent, 'tasks/cancel', taskId)).rejects.toThrow(/FORBIDDEN/);
    await ask(operator, 'tasks/cancel', taskId);
    expect(await ask(agent, 'tasks/get', taskId)).toMatchObject({ status: 'cancelled' });
  });
});

describe('the endpoint', () => {
  const headers = () => ({
    authorization: `Bearer ${secrets.agent}`,
    accept: 'application/json, text/event-stream',
  });
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

  it('keeps out web pages, strangers and names that are not its own', async () => {
    const foreign = await api.call('POST', '/mcp', { body, headers: { ...headers(), origin: 'https://evil.example' } });
    expect([foreign.status, foreign.json.code]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    const rebound = await api.call('POST', '/mcp', { body, headers: { ...headers(), host: 'evil.example' } });
    expect([rebound.status, rebound.json.code]).toEqual([421, 'HOST_NOT_ALLOWED']);
    const unknown = await api.call('POST', '/mcp', { body, headers: { authorization: 'Bearer sbx_nobody' } });
    expect([unknown.status, unknown.headers['www-authenticate']]).toEqual([401, expect.stringContaining('Bearer')]);
  });

  it('answers what is no JSON as the protocol says', async () => {
    const answer = await api.call('POST', '/mcp', {
      raw: '{"jsonrpc":',
      headers: { ...headers(), 'content-type': 'application/json' },
    });
    expect([answer.status, answer.json.error.code]).toEqual([400, -32_700]);
  });
});
