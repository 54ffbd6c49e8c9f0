import { ROLES, type Role, roleAllows } from '@signalbox/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OPERATIONS } from '../contract/api.ts';
import type { Operation } from '../contract/operation.ts';
import { API_BASE } from '../openapi/document.ts';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

/** Stands in every noun of the other project. */
const MARKER = 'marker-of-the-other';
/** What goes beyond one project is refused to every key that is bound to one. */
const UNBOUND = new Set(['createProject', 'exportDatabase']);
const NOBODY = '00000000-0000-7000-8000-000000000000';

let api: ApiHarness;
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
});
afterAll(() => api.close());

test('every operation is refused to every role below the one that it declares, and to nobody else', async () => {
  const cells: string[] = [];
  for (const [index, operation] of OPERATIONS.entries()) {
    const url = pathOf(operation, () => NOBODY);
    // Each from an address of its own: failures are counted.
    const without = await ask(operation, url, {}, `10.1.${index >> 8}.${index & 255}`);
    if (without.status !== 401) cells.push(`${operation.id} without a key: ${without.status}`);
    for (const role of ROLES) {
      const allowed = roleAllows(role, operation.role);
      if (allowed && (isStream(operation) || UNBOUND.has(operation.id))) continue;
      for (const project of ['mine', 'other']) {
        const { status, json } = await ask(operation, url, keyOf(project, role));
        const refused = status === 401 || json?.code === 'FORBIDDEN';
        if (refused === allowed || status >= 500) cells.push(`${operation.id} as ${role} of ${project}: ${status}`);
      }
    }
  }
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
