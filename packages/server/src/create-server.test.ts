import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer as createListener, type Server as Listener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@signalbox/core';
import { layPreparedData, type ServerPostgres, startServerPostgres } from '@signalbox/core/testing';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type ServerFacts, type SignalboxServer } from './create-server.ts';
import { EventReader } from './testing/event-reader.ts';

const PATIENCE = 30_000;
const servers: SignalboxServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('stop');
});

/** Open to the unprivileged user that PostgreSQL runs as when the tests run as root. */
function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'signalbox-server-'));
  chmodSync(made, 0o755);
  return made;
}

/** A data directory with an empty database, where what a start makes of a new one is not the matter. */
async function preparedData(): Promise<string> {
  const dataDir = join(directory(), 'data');
  await layPreparedData(dataDir);
  return dataDir;
}

function serverWith(environment: Record<string, string>): SignalboxServer {
  const configuration = loadConfiguration({
    cwd: directory(),
    environment: { SIGNALBOX_PORT: '0', SIGNALBOX_DATA_DIR: join(directory(), 'data'), ...environment },
  });
  const server = createServer({ configuration, logger: pino({ level: 'silent' }) });
  servers.push(server);
  return server;
}

const call = async (address: string, method: string, path: string, body?: unknown) => {
  const response = await fetch(`${address}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  return { status: response.status, json: (text.startsWith('{') ? JSON.parse(text) : null) as any };
};

const until = (address: string, path: string, wanted: (answer: Awaited<ReturnType<typeof call>>) => boolean) =>
  expect.poll(async () => wanted(await call(address, 'GET', path)), { timeout: PATIENCE, interval: 50 }).toBe(true);

const run = async (address: string, command: string[], more: Record<string, unknown> = {}) => {
  const workspace = await call(address, 'POST', '/api/v1/workspaces', { path: directory() });
  const { json } = await call(address, 'POST', '/api/v1/sessions', {
    title: `Run ${crypto.randomUUID()}`,
    initialPrompt: 'x',
    runtime: 'command',
    workspaceId: workspace.json.id,
    command,
    start: true,
    ...more,
  });
  return json.id as string;
};

describe('a server with a database of its own', () => {
  let facts: ServerFacts;
  let server: SignalboxServer;
  beforeAll(async () => {
    server = serverWith({});
    servers.pop();
    facts = await server.start();
  });
  afterAll(() => server.stop('stop'));

  it('is ready when it has started, on loopback, and says how it runs', async () => {
    expect(facts.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await call(facts.address, 'GET', '/health/ready')).status).toBe(200);
    const health = (await call(facts.address, 'GET', '/health')).json;
    expect(health).toMatchObject({
      status: 'ok',
      components: { roles: { runner: { status: 'ok' }, scheduler: {}, maintenance: {} } },
    });
    const { json } = await call(facts.address, 'GET', '/api/v1/system');
    expect(json).toMatchObject({
      auth: 'open',
      database: { available: true },
      roles: ['api', 'scheduler', 'runner', 'maintenance'],
    });
    const runtimes = (await call(facts.address, 'GET', '/api/v1/runtimes')).json.items;
    expect(runtimes.find((runtime: { name: string }) => runtime.name === 'command')).toMatchObject({ available: true });
  });

  it('runs a session and tells of it as it happens', async () => {
    const id = await run(facts.address, ['sh', '-c', 'echo working; echo done > result.txt']);
    const stream = await EventReader.open(`${facts.address}/api/v1/events?sessionId=${id}`);
    await until(facts.address, `/api/v1/sessions/${id}`, ({ json }) => json.status === 'completed');
    stream.close();
    const { items } = (await call(facts.address, 'GET', `/api/v1/sessions/${id}/journal`)).json;
    expect(items.map((event: { type: string }) => event.type)).toEqual(
      expect.arrayContaining(['start', 'output', 'file_change']),
    );
  });

  it('measures what it does', async () => {
    const text = await (await fetch(`${facts.address}/metrics`)).text();
    expect(text).toMatch(/signalbox_sessions\{project="default",status="completed"\} 1/);
    expect(text).toMatch(/signalbox_feed_unplaced \d/);
    expect(text).toMatch(/signalbox_running_sessions 0/);
    expect(text).toMatch(/signalbox_database_connections\{state="open"\} [1-9]/);
    expect(text).toMatch(/signalbox_database_transaction_seconds_count\{outcome="committed"\} [1-9]/);
  });

  it('refuses a second server on its data directory', async () => {
    const dataDir = (await call(facts.address, 'GET', '/api/v1/system')).json.dataDir;
    const second = serverWith({ SIGNALBOX_DATA_DIR: dataDir });
    await expect(second.start()).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
  });

  it('stops in order: runs are ended, streams closed, what was acknowledged is kept, and it starts again on it', async () => {
    const dataDir = await preparedData();
    const first = serverWith({ SIGNALBOX_DATA_DIR: dataDir });
    const { address } = await first.start();
    const id = await run(address, ['sh', '-c', 'echo begun; sleep 600']);
    await until(address, `/api/v1/sessions/${id}/journal?types=output`, ({ json }) => json.total > 0);
    const stream = await EventReader.open(`${address}/api/v1/events`);
    await first.stop('stop');
    for (let event = await stream.next(); event !== null; event = await stream.next());
    await expect(fetch(`${address}/health/live`)).rejects.toThrow();
    const second = serverWith({ SIGNALBOX_DATA_DIR: dataDir });
    const again = await second.start();
    const { json } = await call(again.address, 'GET', `/api/v1/sessions/${id}`);
    expect(json.status).not.toBe('running');
    expect((await call(again.address, 'GET', `/api/v1/sessions/${id}/journal?types=output`)).json.total).toBe(1);
  });
});

describe('policies in files that it is set to', () => {
  it('are in force once it is ready, and again when they change; with a broken one it does not start', async () => {
    const file = join(directory(), 'house.yaml');
    const write = (effect: string) =>
      writeFileSync(
        file,
        `name: house\ndefault: next\nrules: [{ id: rm, name: Deletes, match: { commands: [{ programs: [rm] }] }, effect: ${effect} }]\n`,
      );
    write('deny');
    const dataDir = await preparedData();
    const server = serverWith({ SIGNALBOX_DATA_DIR: dataDir, SIGNALBOX_POLICIES_FILES: file });
    const { address } = await server.start();
    const standing = async () => {
      const { version, document } = (await call(address, 'GET', '/api/v1/policies/house')).json;
      return [version, document?.rules[0].effect];
    };
    expect(await standing()).toEqual([1, 'deny']);
    write('warn');
    await expect.poll(standing, { timeout: PATIENCE }).toEqual([2, 'warn']);
    await server.stop('stop');
    write('perhaps');
    const again = serverWith({ SIGNALBOX_DATA_DIR: dataDir, SIGNALBOX_POLICIES_FILES: file });
    await expect(again.start()).rejects.toMatchObject({ code: 'POLICY_FILE_INVALID' });
  });
});

describe('how it reads code', () => {
  it('is as its settings say: by structure or with types, and again by itself or only when asked', async () => {
    const root = directory();
    writeFileSync(join(root, 'a.ts'), 'export const first = 1;\n');
    const started = async (settings: Record<string, string>) => {
      const server = serverWith({ SIGNALBOX_DATA_DIR: await preparedData(), ...settings });
      const { address } = await server.start();
      const { id: workspaceId } = (await call(address, 'POST', '/api/v1/workspaces', { path: root })).json;
      const { id, mode } = (await call(address, 'POST', '/api/v1/graph/index', { workspaceId })).json;
      await until(address, `/api/v1/graph/index/${id}`, ({ json }) => json.status === 'completed');
      const knows = async (query: string) =>
        (await call(address, 'POST', '/api/v1/graph/search', { query, entityTypes: ['symbol'] })).json.results.length >
        0;
      return { mode, knows };
    };
    const still = await started({ SIGNALBOX_GRAPH_MODE: 'structure', SIGNALBOX_GRAPH_WATCH: 'false' });
    const watching = await started({});
    expect([still.mode, watching.mode]).toEqual(['structure', 'types']);
    // What the second one took in after the first file, the first one would have, too.
    for (const name of ['second', 'third']) {
      writeFileSync(join(root, `${name}.ts`), `export const ${name} = 1;\n`);
      await expect.poll(() => watching.knows(name), { timeout: PATIENCE, interval: 50 }).toBe(true);
    }
    expect([await still.knows('first'), await still.knows('second')]).toEqual([true, false]);
  });
});

describe('where it may listen', () => {
  it('refuses any address but loopback without authentication', async () => {
    await expect(serverWith({ SIGNALBOX_HOST: '0.0.0.0' }).start()).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  });

  it('says so when the address is taken, and leaves nothing behind', async () => {
    const taken: Listener = createListener().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const dataDir = await preparedData();
    const environment = { SIGNALBOX_PORT: String(port), SIGNALBOX_DATA_DIR: dataDir };
    await expect(serverWith(environment).start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    taken.close();
    // The data directory is free again.
    await serverWith({ SIGNALBOX_DATA_DIR: dataDir }).start();
  });
});

describe('stopping', () => {
  it('waits for a start under way, leaves nothing behind, and may be asked for twice', async () => {
    const dataDir = join(directory(), 'data');
    const server = serverWith({ SIGNALBOX_DATA_DIR: dataDir });
    const starting = server.start();
    await Promise.all([server.stop(), server.stop()]);
    const { address } = await starting;
    await expect(fetch(`${address}/health/live`)).rejects.toThrow();
    await serverWith({ SIGNALBOX_DATA_DIR: dataDir }).start();
  });
});

describe('roles', () => {
  it('decide what a node does: without api it answers for its health alone', async () => {
    const worker = serverWith({ SIGNALBOX_ROLES: 'maintenance', SIGNALBOX_DATA_DIR: await preparedData() });
    const { address } = await worker.start();
    expect((await call(address, 'GET', '/api/v1/sessions')).json.code).toBe('ROUTE_NOT_FOUND');
    expect(Object.keys((await call(address, 'GET', '/health')).json.components.roles)).toEqual(['maintenance']);
    expect((await fetch(`${address}/metrics`)).status).toBe(200);
  });
});

describe('a server whose database is elsewhere', () => {
  let postgres: ServerPostgres;
  beforeAll(async () => {
    // Durable, or the crash itself would lose what was acknowledged.
    postgres = await startServerPostgres({ durable: true });
  });
  afterAll(() => postgres.stop());

  it('starts while it is away, answers 503 problem documents, and works without a restart once it comes (CTL-014)', async () => {
    await postgres.halt();
    const server = serverWith({ DATABASE_URL: postgres.connectionString });
    const { address, notices } = await server.start();
    expect(notices.join()).toContain('cannot be reached');
    expect((await call(address, 'GET', '/health/live')).status).toBe(200);
    expect((await call(address, 'GET', '/health/ready')).status).toBe(503);
    const health = await call(address, 'GET', '/health');
    expect([health.status, health.json.status, health.json.components.database.status]).toEqual([
      503,
      'unavailable',
      'unavailable',
    ]);
    const refused = await call(address, 'GET', '/api/v1/sessions');
    expect([refused.status, refused.json.code]).toEqual([503, 'DATABASE_UNAVAILABLE']);
    expect((await call(address, 'GET', '/api/v1/system')).json.database.available).toBe(false);
    await postgres.restart();
    await server.ready;
    expect((await call(address, 'GET', '/api/v1/sessions')).json.total).toBe(0);
    const id = await run(address, ['true']);
    await until(address, `/api/v1/sessions/${id}`, ({ json }) => json.status === 'completed');
  });

  it('loses no acknowledged write when PostgreSQL restarts under load, and its streams go on', async () => {
    const server = serverWith({ DATABASE_URL: postgres.connectionString });
    const { address } = await server.start();
    await server.ready;
    const session = await call(address, 'POST', '/api/v1/sessions', { title: 'Under load', initialPrompt: 'x' });
    const path = `/api/v1/sessions/${session.json.id}/journal`;
    const stream = await EventReader.open(`${address}/api/v1/events?sessionId=${session.json.id}`);
    const acknowledged = new Set<string>();
    let load = true;
    const writers = Array.from({ length: 8 }, async () => {
      while (load) {
        const eventId = crypto.randomUUID();
        const { status } = await call(address, 'POST', path, { events: [{ eventId, type: 'output', actor: 'load' }] });
        if (status === 200) acknowledged.add(eventId);
      }
    });
    await expect.poll(() => acknowledged.size, { timeout: PATIENCE }).toBeGreaterThan(50);
    await postgres.restart('SIGQUIT');
    const before = acknowledged.size;
    await expect.poll(() => acknowledged.size, { timeout: PATIENCE }).toBeGreaterThan(before + 50);
    load = false;
    await Promise.all(writers);
    const kept = new Set<string>();
    for (let afterSeq: number | null = 0; afterSeq !== null; ) {
      const { json } = await call(address, 'GET', `${path}?pageSize=1000&afterSeq=${afterSeq}`);
      for (const event of json.items) kept.add(event.eventId);
      afterSeq = json.nextAfterSeq;
    }
    expect([...acknowledged].filter((eventId) => !kept.has(eventId))).toEqual([]);
    const streamed = new Set<string>();
    while (streamed.size < kept.size) {
      const told = await stream.until((event) => event.event === 'journal');
      for (const event of told.data.payload.events) streamed.add(event.eventId);
    }
    expect(streamed).toEqual(kept);
    stream.close();
  });
});
