import { type ServerPostgres, startServerPostgres } from '@signalbox/core/testing';
import pg from 'pg';
import type { QueuePeer } from './queue-peer.ts';

/** The same for all: durable, and with room enough that no checkpoint falls into a measurement of a few seconds. */
const SETTINGS = {
  shared_buffers: '512MB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  max_connections: '300',
};

/** One PostgreSQL for all peers, a database for each: one's tables are no work for the other's vacuum. */
export class QueueServer {
  readonly #server: ServerPostgres;
  readonly #clients = new Map<QueuePeer, pg.Client>();

  private constructor(server: ServerPostgres) {
    this.#server = server;
  }

  static async start(): Promise<QueueServer> {
    return new QueueServer(await startServerPostgres({ durable: true, settings: SETTINGS }));
  }

  /** Makes the peer's database and opens the peer on it. */
  async add(peer: QueuePeer): Promise<void> {
    const name = peer.name.replaceAll('-', '_');
    const first = new pg.Client({ connectionString: this.#server.connectionString });
    await first.connect();
    await first.query(`CREATE DATABASE ${name}`);
    await first.end();
    const url = new URL(this.#server.connectionString);
    url.pathname = `/${name}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    this.#clients.set(peer, client);
    await peer.open(url.href);
  }

  /** Takes out all tasks of the peer. */
  async clear(peer: QueuePeer): Promise<void> {
    await this.#client(peer).query(peer.sql.clear);
  }

  /** True statistics and nothing left to write, so that no measurement pays for what came before it. */
  async settle(peer: QueuePeer): Promise<void> {
    await this.#client(peer).query('VACUUM (ANALYZE)');
    await this.#client(peer).query('CHECKPOINT');
  }

  /** Tasks of the peer that are not done. */
  async left(peer: QueuePeer): Promise<number> {
    const { rows } = await this.#client(peer).query<{ left: string }>(peer.sql.left);
    return Number(rows[0]?.left);
  }

  /** Ends the server with all that is in it; peers are to be closed before. */
  async stop(): Promise<void> {
    for (const client of this.#clients.values()) await client.end();
    await this.#server.stop();
  }

  #client(peer: QueuePeer): pg.Client {
    const client = this.#clients.get(peer);
    if (!client) throw new Error(`${peer.name} has no database here.`);
    return client;
  }
}
