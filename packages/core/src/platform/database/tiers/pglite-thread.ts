import { once } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type pg from 'pg';
import type { PgliteReport, PgliteRequest, PgliteStart } from './pglite-protocol.ts';
import { PgliteStream } from './pglite-stream.ts';

/** Sources run as they are in development and compiled elsewhere; the thread's file has the ending of this one. */
const FILE = new URL(import.meta.url.endsWith('.ts') ? './pglite-worker.ts' : './pglite-worker.js', import.meta.url);

/** A PGlite in a thread of its own. */
export class PgliteThread {
  readonly #worker: Worker;
  readonly version: string;
  #closed: Promise<void> | null = null;
  #failure: Error | null = null;

  private constructor(worker: Worker, version: string) {
    this.#worker = worker;
    this.version = version;
    worker.on('message', (report: PgliteReport) => {
      if (report.type === 'failed') this.#failure = new Error(`PGlite failed: ${report.message}`);
    });
    worker.on('error', (error) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', () => {
      this.#failure ??= new Error('PGlite ended unexpectedly.');
    });
  }

  /** Starts the thread and waits until its database is open. Rejects with what PGlite or the file system said. */
  static async start(start: PgliteStart): Promise<PgliteThread> {
    const transferList = start.image ? [start.image.buffer] : [];
    const worker = new Worker(FILE, { workerData: start, transferList, name: 'pglite' });
    const version = await new Promise<string>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('PGlite ended before it was ready.')));
      worker.on('message', (report: PgliteReport) => {
        if (report.type === 'ready') resolve(report.version);
      });
    });
    // The database alone keeps no process alive; a connection in use does.
    worker.unref();
    return new PgliteThread(worker, version);
  }

  /** For `pg`: everything about the network in it is only there because the driver asks. */
  poolConfig(): pg.PoolConfig {
    return {
      max: 1,
      host: 'pglite',
      user: 'postgres',
      database: 'postgres',
      ssl: false,
      // The driver's types speak of a Duplex and mean a socket; the stream has what it calls of one.
      stream: () => new PgliteStream(() => this.#connect()),
    };
  }

  /** An image (tar) of the data directory, for a new database to start from. */
  async dump(): Promise<Uint8Array<ArrayBuffer>> {
    const report = await this.#ask({ type: 'dump' }, 'dumped');
    return report.image;
  }

  /** Shuts the database down and ends the thread. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#failure === null) await this.#ask({ type: 'close' }, 'closed');
    await this.#worker.terminate();
  }

  /** @throws Error ECONNREFUSED when the thread is gone */
  #connect(): MessagePort {
    if (this.#failure) throw Object.assign(new Error(this.#failure.message), { code: 'ECONNREFUSED' });
    const { port1, port2 } = new MessageChannel();
    this.#worker.postMessage({ type: 'connect', port: port2 } satisfies PgliteRequest, [port2]);
    return port1;
  }

  async #ask<Type extends PgliteReport['type']>(
    request: PgliteRequest,
    answer: Type,
  ): Promise<Extract<PgliteReport, { type: Type }>> {
    if (this.#failure) throw this.#failure;
    const gone = new AbortController();
    this.#worker.ref();
    try {
      this.#worker.postMessage(request);
      for (;;) {
        const [report] = (await Promise.race([
          once(this.#worker, 'message', { signal: gone.signal }),
          once(this.#worker, 'exit', { signal: gone.signal }).then(() => {
            throw new Error('PGlite ended unexpectedly.');
          }),
        ])) as [PgliteReport];
        if (report.type === answer) return report as Extract<PgliteReport, { type: Type }>;
        if (report.type === 'failed') throw new Error(`PGlite failed: ${report.message}`);
      }
    } finally {
      gone.abort();
      this.#worker.unref();
    }
  }
}
