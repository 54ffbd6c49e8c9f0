import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@signalbox/client';
import { loadConfiguration, type Runtime } from '@signalbox/core';
import { layPreparedData } from '@signalbox/core/testing';
import { createServer, type SignalboxServer } from '@signalbox/server';

export interface DashboardServerOptions {
  /** A server's database; null for one of its own in the data directory. */
  databaseUrl: string | null;
  /** What sessions run on; by default what the server has. */
  runtimes: readonly Runtime[] | undefined;
  /** Further settings, as environment variables. */
  settings: Readonly<Record<string, string>>;
}

/**
 * A whole server with a data directory and a port of its own, which stay the same when it is started again: what a
 * browser goes through when the program is restarted under it.
 */
export class DashboardServer {
  readonly #directory: string;
  readonly #dashboard: string;
  readonly #port: number;
  readonly #options: DashboardServerOptions;
  #server: SignalboxServer | null = null;

  private constructor(directory: string, dashboard: string, port: number, options: DashboardServerOptions) {
    this.#directory = directory;
    this.#dashboard = dashboard;
    this.#port = port;
    this.#options = options;
  }

  static async start(dashboard: string, options: DashboardServerOptions): Promise<DashboardServer> {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-browser-'));
    // Run as root, PostgreSQL is another user's process, and has to reach its files.
    await chmod(directory, 0o755);
    const server = new DashboardServer(directory, dashboard, await freePort(), options);
    if (options.databaseUrl === null) await layPreparedData(join(directory, 'data'));
    await mkdir(server.workspace);
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** A directory in which sessions may work. */
  get workspace(): string {
    return join(this.#directory, 'workspace');
  }

  client(actor = 'ada'): Client {
    return createClient({ baseUrl: this.url, actor });
  }

  /** @param settings further ones, as environment variables. */
  async start(settings: Record<string, string> = {}): Promise<void> {
    const { databaseUrl, runtimes, settings: always } = this.#options;
    const configuration = loadConfiguration({
      cwd: this.#directory,
      environment: {
        SIGNALBOX_DATA_DIR: join(this.#directory, 'data'),
        SIGNALBOX_PORT: String(this.#port),
        SIGNALBOX_LOG_LEVEL: 'silent',
        // Screenshots are kept, and must not differ by the machine they were made on.
        SIGNALBOX_NODE_ID: 'signalbox-1',
        ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
        ...always,
        ...settings,
      },
    });
    this.#server = createServer({
      configuration,
      dashboardDirectory: this.#dashboard,
      ...(runtimes === undefined ? {} : { runtimes }),
    });
    await this.#server.start();
    await this.#server.ready;
  }

  /** Stops the program; the data stay. */
  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket();
    socket.once('error', reject);
    socket.listen(0, '127.0.0.1', () => {
      const address = socket.address();
      socket.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('no port was given'));
      });
    });
  });
}
