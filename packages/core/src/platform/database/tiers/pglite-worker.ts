import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { PgliteReport, PgliteRequest, PgliteStart } from './pglite-protocol.ts';

/*
 * Runs in a thread of its own, because PGlite blocks its event loop while a statement runs. PGlite is one PostgreSQL backend, so connections are
 * served one after the other: the next one is answered when the one before has ended and its session has been reset.
 */

const parent = parentPort;
if (!parent) throw new Error('This file is the start of a worker thread.');
const report = (message: PgliteReport, transfer: ArrayBuffer[] = []) => parent.postMessage(message, transfer);

/**
 * Data files are never synced (`-F` is built in, and fdatasync does nothing); a log opened with O_DSYNC at least makes commits durable.
 * PGlite zeroes its buffers when it starts, which takes most of that time at the usual 128 MB: the system keeps files in memory as well.
 */
const DURABLE = [...PGlite.defaultStartParams, '-c', 'wal_sync_method=open_datasync', '-c', 'shared_buffers=32MB'];

/** What is in memory is gone when it closes, is small, and is opened often, by each test (measured: 2.7 s with 128 MB, 0.7 s so). */
const SMALL = [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'];

/** The bytes of an image as PGlite asks for them. A real Blob of 45 MB hands them over in small pieces, which took longer than to unpack them. */
class Image extends Blob {
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    super([], { type: 'application/x-tar' });
    this.#bytes = bytes;
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.buffer;
  }
}

const WASI_CODES: Record<number, string> = {
  2: 'EACCES',
  19: 'EDQUOT',
  29: 'EIO',
  51: 'ENOSPC',
  63: 'EPERM',
  69: 'EROFS',
};

const start = workerData as PgliteStart;
const pglite = await open(start).catch((error: unknown) => {
  throw legible(error);
});
const waiting: MessagePort[] = [];
let serving = false;

parent.on('message', (request: PgliteRequest) => {
  if (request.type === 'connect') {
    waiting.push(request.port);
    serveNext();
    return;
  }
  const work = request.type === 'dump' ? dump() : close();
  work.catch((error: unknown) =>
    report({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});

const { rows } = await pglite.query<{ version: string }>(`SELECT current_setting('server_version') AS version`);
report({ type: 'ready', version: rows[0]?.version ?? '' });

/**
 * Opens the database. A new one lies complete on disk before it gets its name, so that a start that was cut short leaves nothing half made.
 */
async function open({ directory, image }: PgliteStart): Promise<PGlite> {
  const loadDataDir = image ? new Image(image) : undefined;
  if (directory === null) return PGlite.create({ startParams: SMALL, ...(loadDataDir && { loadDataDir }) });
  if (!existsSync(directory)) {
    const draft = `${directory}.draft`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    try {
      const made = await PGlite.create({ dataDir: draft, startParams: DURABLE, ...(loadDataDir && { loadDataDir }) });
      await made.close();
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw error;
    }
    await rename(draft, directory);
  }
  return PGlite.create({ dataDir: directory, startParams: DURABLE });
}

/** PGlite's file system throws objects with a number of WebAssembly's own; the few that people can do something about get their usual code. */
function legible(error: unknown): unknown {
  const { errno } = error as { errno?: unknown };
  if (error instanceof Error && (error as NodeJS.ErrnoException).code) return error;
  const code = typeof errno === 'number' ? WASI_CODES[errno] : undefined;
  return code ? Object.assign(new Error(`PGlite: ${code}`), { code }) : error;
}

function serveNext(): void {
  if (serving) return;
  const port = waiting.shift();
  if (!port) return;
  serving = true;
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    resetSession()
      .catch((error: unknown) =>
        report({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => {
        serving = false;
        serveNext();
      });
  };
  port.on('close', end);
  port.on('message', (bytes: Uint8Array) => {
    // 'X': the client says good-bye.
    if (bytes[0] === 0x58) {
      port.postMessage(null);
      return;
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    const flush = () => {
      if (size === 0) return;
      const whole = new Uint8Array(size);
      let at = 0;
      for (const chunk of chunks) {
        whole.set(chunk, at);
        at += chunk.length;
      }
      chunks.length = 0;
      size = 0;
      port.postMessage(whole, [whole.buffer]);
    };
    pglite
      .execProtocolRawStream(bytes, {
        onRawData: (data) => {
          // The memory it lies in is PGlite's and changes with the next call.
          chunks.push(data.slice());
          size += data.length;
          if (size >= 1 << 20) flush();
        },
      })
      .then(flush, (error: unknown) => {
        report({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
        port.close();
      });
  });
}

/** What a server does by ending the backend of a connection: no transaction, prepared statement, setting or subscription outlives it. */
async function resetSession(): Promise<void> {
  if (pglite.isInTransaction()) await pglite.exec('ROLLBACK');
  await pglite.exec('DISCARD ALL');
}

async function dump(): Promise<void> {
  const image = new Uint8Array(await (await pglite.dumpDataDir('none')).arrayBuffer());
  report({ type: 'dumped', image }, [image.buffer]);
}

async function close(): Promise<void> {
  await pglite.close();
  report({ type: 'closed' });
  parent?.close();
}
