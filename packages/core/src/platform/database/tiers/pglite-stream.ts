import { Duplex } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';

/**
 * What `pg` takes for its socket: bytes of the PostgreSQL protocol go to the thread that runs PGlite and come back through a message port. Writes
 * that `pg` made in one turn (parse, bind, describe, execute, sync) go as one message, since the thread runs a message to its end.
 */
export class PgliteStream extends Duplex {
  readonly #open: () => MessagePort;
  #port: MessagePort | null = null;

  /** `open` makes the connection when the driver asks for it, and gives our end of its port. */
  constructor(open: () => MessagePort) {
    super();
    this.#open = open;
  }

  /** Called by the driver in place of `net.Socket.connect`. */
  connect(): this {
    let port: MessagePort;
    try {
      port = this.#open();
    } catch (error) {
      return this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
    this.#port = port;
    port.on('message', (bytes: Uint8Array | null) => {
      if (bytes) this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      else this.#hangUp();
    });
    port.on('close', () => this.destroy());
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  /** Nothing to do: there is no network below. */
  setNoDelay(): this {
    return this;
  }

  /** Nothing to do: there is no network below. */
  setKeepAlive(): this {
    return this;
  }

  /** Lets the connection keep the process alive, as a checked-out one does. */
  ref(): this {
    this.#port?.ref();
    return this;
  }

  /** Lets the process end although the connection is open. */
  unref(): this {
    this.#port?.unref();
    return this;
  }

  override _read(): void {
    // Bytes are pushed as they come; the one who sends them waits for the next request anyway.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    done();
    this.#hangUp();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#port?.close();
    this.#port = null;
    done(error);
  }

  #send(bytes: Buffer): void {
    // A copy of its own: the driver reuses its buffers, and what is transferred is gone here.
    const copy = new Uint8Array(bytes);
    this.#port?.postMessage(copy, [copy.buffer]);
  }

  #hangUp(): void {
    this.push(null);
    this.destroy();
  }
}
