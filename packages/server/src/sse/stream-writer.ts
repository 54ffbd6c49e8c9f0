import type { ServerResponse } from 'node:http';
import { redactor } from '@signalbox/core';

/** Writes to one event stream no faster than its reader takes it. */
export class StreamWriter {
  readonly #response: ServerResponse;
  readonly #gone = new AbortController();
  #drained: Promise<void> = Promise.resolve();
  #blocked = false;

  constructor(response: ServerResponse) {
    this.#response = response;
    // Both come: `close` always, `error` when the other side breaks off amid a write.
    response.on('error', () => this.#gone.abort());
    response.on('close', () => this.#gone.abort());
    if (response.destroyed) this.#gone.abort();
  }

  /** Aborts when the reader is gone or the stream was ended. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** True while the reader has not taken what was written. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Writes at once unless the reader is behind; resolves when more may be written, or the reader is gone. */
  async write(text: string): Promise<void> {
    while (this.#blocked) await this.#drained;
    if (this.#gone.signal.aborted || this.#response.write(text)) return;
    this.#blocked = true;
    this.#drained = new Promise<void>((resolve) => {
      const done = () => {
        this.#blocked = false;
        this.#response.off('drain', done);
        this.#gone.signal.removeEventListener('abort', done);
        resolve();
      };
      this.#response.on('drain', done);
      this.#gone.signal.addEventListener('abort', done, { once: true });
    });
    await this.#drained;
  }

  /** Ends the stream in order; the reader connects again. */
  end(): void {
    this.#gone.abort();
    this.#response.end();
  }

  /** Breaks the connection: its reader takes nothing any more. */
  destroy(): void {
    this.#response.destroy();
  }
}

/** One event as it stands on the wire. Data is JSON, which holds no line breaks. */
export function eventText(event: { id?: string; event?: string; data?: unknown }): string {
  const lines = [
    ...(event.id === undefined ? [] : [`id: ${event.id}`]),
    ...(event.event === undefined ? [] : [`event: ${event.event}`]),
    ...(event.data === undefined ? [] : [`data: ${redactor.json(JSON.stringify(event.data))}`]),
  ];
  return `${lines.join('\n')}\n\n`;
}
