import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServerPostgres } from '@signalbox/core/testing';
import type { Benchmark, Ratios } from '../benchmark.ts';
import { closedLoop } from '../closed-loop.ts';
import { type Contender, sideBySide } from '../side-by-side.ts';
import { type ChildServer, startChildServer } from './child-server.ts';
import { LoadConnection } from './load.ts';

const ROUNDS = 7;
const SECONDS = 1.5;
const CONNECTIONS = 32;
/** Sessions that are asked for in turns. */
const READ = 500;

/** `POST /api/v1/sessions` and `GET /api/v1/sessions/{id}` against what Fastify can do at all with the same JSON. */
export const httpBenchmark: Benchmark = {
  about: `create and get of a session over HTTP, ${CONNECTIONS} connections, against a bare Fastify route, with and without one row`,
  run: async () => {
    const postgres = await startServerPostgres({ durable: true });
    const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-bench-'));
    const servers: ChildServer[] = [];
    try {
      const databaseUrl = postgres.connectionString;
      const signalbox = await startChildServer('signalbox-process.ts', { databaseUrl, dataDir });
      servers.push(signalbox);
      const template = JSON.parse((await create(signalbox.address, '/api/v1/sessions', 1))[0] ?? '');
      const bare = await startChildServer('bare-process.ts', { databaseUrl, template });
      servers.push(bare);
      return await compare(signalbox.address, bare.address);
    } finally {
      for (const server of servers) await server.stop();
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

async function compare(signalbox: string, bare: string): Promise<Ratios> {
  const places = [
    { name: 'signalbox', address: signalbox, path: '/api/v1/sessions' },
    { name: 'bare route', address: bare, path: '/bare' },
    { name: 'route with one row', address: bare, path: '/rows' },
  ];
  const creating: Contender[] = places.map(({ name, address, path }) => ({
    name,
    round: () => withConnections(address, (connection) => connection.request(creation(path), 201)),
  }));
  const reading: Contender[] = [];
  for (const { name, address, path } of places) {
    const ids = (await create(address, path, READ)).map((body) => (JSON.parse(body) as { id: string }).id);
    reading.push({
      name,
      round: () =>
        withConnections(address, (connection, writer, turn) =>
          connection.request({ method: 'GET', path: `${path}/${ids[(writer + turn * CONNECTIONS) % READ]}` }, 200),
        ),
    });
  }
  const creates = await sideBySide(creating, { rounds: ROUNDS });
  console.log(creates.table('create, requests'));
  const gets = await sideBySide(reading, { rounds: ROUNDS });
  console.log(gets.table('get, requests'));
  return {
    createVsBareRoute: creates.ratio('signalbox', 'bare route'),
    createVsRouteWithOneInsert: creates.ratio('signalbox', 'route with one row'),
    getVsBareRoute: gets.ratio('signalbox', 'bare route'),
    getVsRouteWithOneSelect: gets.ratio('signalbox', 'route with one row'),
  };
}

/** A round over connections of its own. */
async function withConnections(
  address: string,
  operation: (connection: LoadConnection, writer: number, turn: number) => Promise<Buffer>,
): Promise<number> {
  const connections: LoadConnection[] = [];
  try {
    while (connections.length < CONNECTIONS) connections.push(await LoadConnection.open(address));
    return await closedLoop({ writers: CONNECTIONS, seconds: SECONDS }, (writer, turn) => {
      const connection = connections[writer];
      if (!connection) throw new Error(`There is no connection for writer ${writer}.`);
      return operation(connection, writer, turn);
    });
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Bodies of the answers to `count` creations. */
async function create(address: string, path: string, count: number): Promise<string[]> {
  const connection = await LoadConnection.open(address);
  try {
    const bodies: string[] = [];
    while (bodies.length < count) bodies.push((await connection.request(creation(path), 201)).toString());
    return bodies;
  } finally {
    connection.close();
  }
}

let titles = 0;

function creation(path: string): { method: 'POST'; path: string; body: string } {
  const session = {
    title: `Mend the rounding in invoices (${++titles})`,
    initialPrompt: 'The totals in src/invoice.ts are off by a cent. Find out why, mend it, and run the tests.',
    agentRole: 'fixer',
    priority: 2,
    tags: ['billing', 'bench'],
    metadata: { ticket: 'BILL-7', requestedBy: 'ada' },
    limits: { maxDurationSeconds: 1800 },
  };
  return { method: 'POST', path, body: JSON.stringify(session) };
}
