import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { createClient } from '@signalbox/client';
import { PgDatabase } from '@signalbox/core';
import { type ServerPostgres, startServerPostgres } from '@signalbox/core/testing';
import { inCore, overClient, SignalboxSaver } from '@signalbox/langgraph';
import pg from 'pg';
import { type ChildServer, startChildServer } from '../http/child-server.ts';
import { type OpenedCore, openCore } from '../opened-core.ts';

/** The same for all: durable, and with room enough that no checkpoint of the database falls into a measurement. */
const SETTINGS = { shared_buffers: '512MB', max_wal_size: '8GB', checkpoint_timeout: '30min' };
/** Connections of our own pool by default; theirs gets as many. */
const CONNECTIONS = 10;

/** One PostgreSQL with a database for each saver, so that one's tables are no work for the other's vacuum. */
export class CheckpointServer {
  readonly ours: SignalboxSaver;
  readonly theirs: PostgresSaver;
  readonly overHttp: SignalboxSaver;
  readonly ourDatabase: pg.Client;
  readonly theirDatabase: pg.Client;
  readonly #close: () => Promise<void>;

  private constructor(
    savers: { ours: SignalboxSaver; theirs: PostgresSaver; overHttp: SignalboxSaver },
    databases: { ours: pg.Client; theirs: pg.Client },
    close: () => Promise<void>,
  ) {
    this.ours = savers.ours;
    this.theirs = savers.theirs;
    this.overHttp = savers.overHttp;
    this.ourDatabase = databases.ours;
    this.theirDatabase = databases.theirs;
    this.#close = close;
  }

  static async start(): Promise<CheckpointServer> {
    const server = await startServerPostgres({ durable: true, settings: SETTINGS });
    const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-bench-'));
    const clients: pg.Client[] = [];
    let core: OpenedCore | undefined;
    let child: ChildServer | undefined;
    const pool = new pg.Pool({ connectionString: await createDatabase(server, 'langgraph'), max: CONNECTIONS });
    const close = async () => {
      await child?.stop();
      await core?.close();
      await pool.end();
      for (const client of clients) await client.end();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    };
    try {
      const url = await createDatabase(server, 'signalbox');
      core = await openCore(
        new PgDatabase({ kind: 'server', pool: { connectionString: url }, maxConnections: CONNECTIONS }),
      );
      child = await startChildServer('signalbox-process.ts', {
        databaseUrl: await createDatabase(server, 'served'),
        dataDir,
      });
      const theirs = new PostgresSaver(pool);
      await theirs.setup();
      for (const connectionString of [url, databaseUrl(server, 'langgraph')]) {
        const client = new pg.Client({ connectionString });
        await client.connect();
        clients.push(client);
      }
      const [ourDatabase, theirDatabase] = clients;
      if (!ourDatabase || !theirDatabase) throw new Error('A database is missing.');
      const savers = {
        ours: new SignalboxSaver({ backend: inCore(core.core.threads, { projectId: core.projectId }) }),
        theirs,
        overHttp: new SignalboxSaver({ backend: overClient(createClient({ baseUrl: child.address })) }),
      };
      return new CheckpointServer(savers, { ours: ourDatabase, theirs: theirDatabase }, close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** True statistics and nothing left to write, so that no measurement pays for what came before it. */
  async settle(): Promise<void> {
    for (const client of [this.ourDatabase, this.theirDatabase]) {
      await client.query('VACUUM (ANALYZE)');
      await client.query('CHECKPOINT');
    }
  }

  /** Checkpoints that are there. */
  async saved(): Promise<{ ours: number; theirs: number }> {
    const ours = await this.ourDatabase.query<{ n: string }>('SELECT count(*) AS n FROM thread_checkpoints');
    const theirs = await this.theirDatabase.query<{ n: string }>('SELECT count(*) AS n FROM checkpoints');
    return { ours: Number(ours.rows[0]?.n), theirs: Number(theirs.rows[0]?.n) };
  }

  /** Bytes of all that holds checkpoints, indexes included. */
  async size(): Promise<{ ours: number; theirs: number }> {
    const ours = ['threads', 'thread_checkpoints', 'thread_values', 'thread_writes', 'content_blobs'];
    const theirs = ['checkpoints', 'checkpoint_blobs', 'checkpoint_writes'];
    return { ours: await sizeOf(this.ourDatabase, ours), theirs: await sizeOf(this.theirDatabase, theirs) };
  }

  stop(): Promise<void> {
    return this.#close();
  }
}

async function sizeOf(client: pg.Client, tables: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    'SELECT sum(pg_total_relation_size(name::regclass)) AS bytes FROM unnest($1::text[]) AS name',
    [tables],
  );
  return Number(rows[0]?.bytes);
}

async function createDatabase(server: ServerPostgres, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return databaseUrl(server, name);
}

function databaseUrl(server: ServerPostgres, name: string): string {
  const url = new URL(server.connectionString);
  url.pathname = `/${name}`;
  return url.href;
}
