import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { ROLES, type Role, roleAllows } from '@signalbox/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OPERATIONS } from '../contract/api.ts';
import type { Operation } from '../contract/operation.ts';
import { API_BASE } from '../openapi/document.ts';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';
import { EventReader, type ReceivedEvent } from '../testing/event-reader.ts';

/** Stands in every noun of the other project. */
const MARKER = 'marker-of-the-other';
/** What goes beyond one project is refused to every key that is bound to one. */
const UNBOUND = new Set(['createProject', 'exportDatabase']);
const NOBODY = '00000000-0000-7000-8000-000000000000';

let api: ApiHarness;
let address: string;
const secrets = new Map<string, string>();
/** Ids of the other project's nouns, by what stands before them in paths. */
const theirs = new Map<string, string>();

const keyOf = (project: string, role: Role) => ({ authorization: `Bearer ${secrets.get(`${project} ${role}`)}` });
/** Answers that have no end. */
const isStream = ({ answer }: Operation) => answer.mediaType === 'text/event-stream';

/** The path of an operation, with the id that `idFor` has for what stands before it. */
const pathOf = ({ path }: Operation, idFor: (noun: string) => string) =>
  `${API_BASE}${path.replace(/([\w-]+)\/\{(\w+)\}/g, (_all, noun: string) => `${noun}/${idFor(noun)}`).replace(/\{\w+\}/g, '1')}`;

const ask = (operation: Operation, url: string, headers: Record<string, string>, from?: string) =>
  api.call(operation.method, url, {
    ...(from === undefined ? {} : { from }),
    headers: { ...headers, 'if-match': '"1"' },
    ...(operation.method === 'POST' || operation.method === 'PATCH' ? { body: {} } : {}),
  });

beforeAll(async () => {
  // Each key has a rate of its own.
  api = await openApi({ environment: { SIGNALBOX_AUTH: 'required', SIGNALBOX_RATE_LIMIT: '0' } });
  address = await api.app.listen({ port: 0, host: '127.0.0.1' });
  for (const slug of ['mine', 'other']) {
    const { id } = await api.core.projects.create({ slug }, 'me');
    const named = slug === 'other' ? MARKER : 'key';
    for (const role of ROLES) {
      const { key, secret } = await api.core.keys.create(id, { name: `${named} ${role}`, role }, named);
      secrets.set(`${slug} ${role}`, secret);
      if (slug === 'other') theirs.set('keys', key.id);
    }
  }
  const make = async (noun: string, path: string, body: object) => {
    const { status, json } = await api.call('POST', `${API_BASE}${path}`, { body, headers: keyOf('other', 'admin') });
    expect([noun, status]).toEqual([noun, expect.toSatisfy((given: number) => given < 300)]);
    theirs.set(noun, json.id ?? json.taskId);
  };
  await make('sessions', '/sessions', {
    title: `Work ${MARKER}`,
    initialPrompt: MARKER,
    description: MARKER,
    metadata: { MARKER },
  });
  const session = `/sessions/${theirs.get('sessions')}`;
  const event = { type: 'output', actor: MARKER, payload: { text: MARKER } };
  await api.call('POST', `${API_BASE}${session}/journal`, {
    body: { events: [event] },
    headers: keyOf('other', 'agent'),
  });
  await api.call('POST', `${API_BASE}${session}/checkpoints`, {
    body: { data: { MARKER } },
    headers: keyOf('other', 'agent'),
  });
  await make('tasks', '/tasks', { type: 'marked.work', payload: { MARKER } });
  await make('agents', '/agents', { id: MARKER, type: 'coder' });
  await make('recordings', `${session}/recordings/from-journal`, { title: MARKER });
  await make('schedules', '/schedules', { name: MARKER, cron: '0 6 * * *', task: { type: 'marked.work' } });
  await make('budgets', '/budgets', { name: MARKER, owner: { scope: 'project' }, limits: { tokens: 5 } });
  await make('policies', '/policies', { document: { name: MARKER, rules: [], default: 'allow' } });
});
afterAll(() => api.close());

test('every operation is refused to every role below the one that it declares, and to nobody else', async () => {
  const cells: string[] = [];
  const walk = async (operation: Operation, index: number): Promise<void> => {
    const url = pathOf(operation, () => NOBODY);
    // Each from an address of its own: failures are counted.
    const without = await ask(operation, url, {}, `10.1.${index >> 8}.${index & 255}`);
    if (without.status !== 401) cells.push(`${operation.id} without a key: ${without.status}`);
    const roles = ROLES.filter((role) => {
      const allowed = roleAllows(role, operation.role);
      return !(allowed && (isStream(operation) || UNBOUND.has(operation.id)));
    });
    const walked = roles.flatMap((role) =>
      ['mine', 'other'].map(async (project) => {
        const { status, json } = await ask(operation, url, keyOf(project, role));
        const refused = status === 401 || json?.code === 'FORBIDDEN';
        if (refused === roleAllows(role, operation.role) || status >= 500)
          cells.push(`${operation.id} as ${role} of ${project}: ${status}`);
      }),
    );
    await Promise.all(walked);
  };
  for (const [index, operation] of OPERATIONS.entries()) await walk(operation, index);
  expect(cells).toEqual([]);
});

test('nothing of another project is told, whatever is asked for by its ids, to any role', async () => {
  const told: string[] = [];
  const found: string[] = [];
  for (const operation of OPERATIONS.filter((each) => !isStream(each) && !UNBOUND.has(each.id))) {
    // Names are not secret to whoever says them: what is asked by one is not asked for here.
    const url = pathOf(operation, (noun) => (noun === 'agents' ? NOBODY : (theirs.get(noun) ?? NOBODY)));
    const { text } = await ask(operation, url, keyOf('mine', 'admin'));
    if (text.includes(MARKER)) told.push(operation.id);
    if (operation.method !== 'GET') continue;
    const own = await ask(operation, url, keyOf('other', 'admin'));
    if (own.text.includes(MARKER)) found.push(operation.id);
  }
  expect(told).toEqual([]);
  // The marker was there to be found by its own people.
  expect(found).toEqual(
    expect.arrayContaining([
      'listSessions',
      'getSession',
      'readJournal',
      'listTasks',
      'getTask',
      'listKeys',
      'listAudit',
    ]),
  );
});

test('nothing of another project is found by its ids in filters, searches and bodies', async () => {
  const mine = keyOf('mine', 'admin');
  const [session, task] = [theirs.get('sessions'), theirs.get('tasks')];
  const told: string[] = [];
  const found: string[] = [];
  const look = async (path: string, body?: object) => {
    const given = { headers: mine, ...(body === undefined ? {} : { body }) };
    const { text } = await api.call(body === undefined ? 'GET' : 'POST', `${API_BASE}${path}`, given);
    if (text.includes(MARKER)) told.push(path);
    if (body !== undefined) return;
    const own = await api.call('GET', `${API_BASE}${path}`, { headers: keyOf('other', 'admin') });
    if (own.text.includes(MARKER)) found.push(path);
  };
  const searches = [
    '/sessions/search?q=marker',
    `/sessions?id=${session}`,
    '/sessions?title.ilike=%25marker%25',
    `/tasks?id=${task}`,
    `/audit?subjectId=${session}`,
    '/audit?actor.like=marker%25',
    '/audit/export?format=jsonl',
  ];
  for (const path of searches) await look(path);
  expect(found).toEqual(searches);
  await look('/sessions', { title: 'Mine', initialPrompt: 'x', parentId: session });
  await look('/tasks', { type: 'mine', sessionId: session, dependsOn: [task] });
  await look('/policies', { document: { name: 'mine', rules: [], default: 'allow' }, sessionId: session });
  await look('/budgets', { name: 'mine', owner: { scope: 'session', sessionId: session }, limits: { tokens: 1 } });
  await look('/budgets', { name: 'mine-too', owner: { scope: 'project' }, limits: { tokens: 1 } });
  await look('/policies/dry-run', { sessionId: session });
  await look('/rollback/points', { name: 'mine', sessionId: session });
  await look('/recordings/import', { recordingId: theirs.get('recordings') });
  expect(told).toEqual([]);
});

test('event streams tell of their own project, whatever is asked for', async () => {
  const streamOf = (project: string, query: string, place?: string) =>
    EventReader.open(`${address}${API_BASE}/events${query}`, {
      ...keyOf(project, 'viewer'),
      ...(place === undefined ? {} : { 'last-event-id': place }),
    });
  const session = theirs.get('sessions');
  const first = await streamOf('other', '');
  const hello = (await first.next()) as ReceivedEvent;
  await expect(streamOf('mine', `?sessionId=${session}`)).rejects.toThrow('SESSION_NOT_FOUND');
  const streams = [await streamOf('mine', '')];
  for (const stream of streams) await stream.next();
  const said = { events: [{ type: 'output', actor: MARKER, payload: { text: MARKER } }] };
  await api.call('POST', `${API_BASE}/sessions/${session}/journal`, { body: said, headers: keyOf('other', 'agent') });
  await first.until(({ event }) => event === 'journal');
  // One that begins before all of that, at a place that it was given by the other project.
  const { epoch, position } = hello.data;
  streams.push(await streamOf('mine', '', `${epoch}:${Math.max(0, position - 1)}`));
  // Told last, it comes after whatever the streams have to tell.
  const own = { title: 'Told last', initialPrompt: 'x' };
  const { json } = await api.call('POST', `${API_BASE}/sessions`, { body: own, headers: keyOf('mine', 'agent') });
  const received: (ReceivedEvent | null)[] = [];
  for (const stream of streams) {
    await stream.until((event) => {
      received.push(event);
      return event.data?.payload?.sessionId === json.id;
    });
  }
  const text = JSON.stringify(received);
  for (const foreign of [MARKER, ...theirs.values()]) expect(text).not.toContain(foreign);
  for (const stream of [first, ...streams]) stream.close();
});

test('no tool and no resource of MCP tells of another project', async () => {
  const connect = async (project: string) => {
    const client = new Client({ name: 'walk', version: '1' }, {});
    const requestInit = { headers: keyOf(project, 'operator') };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${address}/mcp`), { requestInit }));
    return client;
  };
  const told = async (client: Client): Promise<string[]> => {
    const places: string[] = [];
    const look = async (place: string, ask: () => Promise<unknown>) => {
      const answer = await ask().catch((error: Error) => error.message);
      if (JSON.stringify(answer).includes(MARKER)) places.push(place);
    };
    const { tools } = await client.listTools();
    for (const { name, inputSchema } of tools) {
      const fields = Object.entries(inputSchema.properties ?? {}) as [string, { type?: string }][];
      const values = fields.flatMap(([field, { type }]): [string, unknown][] => {
        const ofNoun = (known: string) => field.endsWith('Id') && known.startsWith(field.slice(0, -2));
        // Names are not secret to whoever says them: an agent's is its name.
        const noun = [...theirs].find(([known]) => ofNoun(known) && known !== 'agents');
        if (noun) return [[field, noun[1]]];
        if (!inputSchema.required?.includes(field)) return [];
        return [[field, type === 'string' ? 'x' : type === 'array' ? [] : type === 'object' ? {} : 1]];
      });
      await look(name, () => client.callTool({ name, arguments: Object.fromEntries(values) }));
      await look(`${name} of nothing`, () => client.callTool({ name, arguments: {} }));
    }
    const base = `signalbox://sessions/${theirs.get('sessions')}`;
    await look('resources', () => client.listResources());
    for (const uri of [base, `${base}/journal`, `${base}/journal/after/0`])
      await look(uri.replace(base, 'session'), () => client.readResource({ uri }));
    await client.close();
    return places;
  };
  expect(await told(await connect('mine'))).toEqual([]);
  expect(await told(await connect('other'))).toEqual(
    expect.arrayContaining(['fetch_status', 'resources', 'session', 'session/journal']),
  );
});
