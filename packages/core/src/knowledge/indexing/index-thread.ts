import { Worker } from 'node:worker_threads';
import type { Clock } from '../../platform/clock/clock.ts';
import type { IndexAnswer, IndexMessage, IndexReport, IndexRequest, IndexStart } from './index-protocol.ts';

/** Sources run as they are in development and compiled elsewhere; the thread's file has the ending of this one. */
const FILE = new URL(import.meta.url.endsWith('.ts') ? './index-worker.ts' : './index-worker.js', import.meta.url);
/** Of the thread's heap: a program of millions of lines needs that. */
const MOST_MEGABYTES = 8_192;
/** Sources are trees, and are walked by functions that call themselves. */
const STACK_MEGABYTES = 32;
/** What checking makes lives long: the more there is room for new things, the less of it is copied about. */
const YOUNG_MEGABYTES = 192;
/** A thread that says nothing for so long will not any more: compilers have been made to search for ever. Large programs took two minutes. */
const MOST_SILENT_MS = 15 * 60_000;
const RESOURCE_LIMITS = {
  maxOldGenerationSizeMb: MOST_MEGABYTES,
  maxYoungGenerationSizeMb: YOUNG_MEGABYTES,
  stackSizeMb: STACK_MEGABYTES,
};

/**
 * Reads a workspace in a thread of its own, as often as it is asked to; what it parsed it has at hand the next time. It reads on
 * while a report is looked at, but not far, so what it finds does not pile up.
 */
export class IndexThread {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #messages: IndexMessage[] = [];
  /** The last file that it told of. */
  #lastPath: string | null = null;
  #wake: () => void = () => undefined;
  #ended: { error: unknown } | null = null;

  /** @param file its program */
  constructor(root: string, clock: Clock, file = FILE) {
    this.#clock = clock;
    const workerData: IndexStart = { root };
    this.#worker = new Worker(file, { workerData, name: 'index', resourceLimits: RESOURCE_LIMITS });
    this.#worker.unref();
    this.#worker.on('message', (message: IndexMessage) => {
      this.#messages.push(message);
      this.#wake();
    });
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('The thread that reads the code ended before it was done.')));
  }

  /**
   * One reading at a time. Where it is not read to its end, or fails, the thread is of no use any more, and closed.
   * @param list the files of the workspace, for when it has to look at all of them
   * @throws whatever the thread failed with; the signal's reason
   */
  async *read(
    request: IndexRequest,
    list: () => Promise<string[] | null>,
    signal: AbortSignal,
  ): AsyncGenerator<IndexReport> {
    const abort = () => this.#end(signal.reason);
    signal.addEventListener('abort', abort);
    let done = false;
    try {
      signal.throwIfAborted();
      this.#worker.postMessage(request);
      while (!done) {
        const message = await this.#next();
        if (message.type === 'list') this.#answer({ listed: await list() });
        else {
          signal.throwIfAborted();
          yield message;
          done = message.type === 'done';
          if (!done) this.#answer('more');
        }
      }
    } finally {
      signal.removeEventListener('abort', abort);
      if (!done) await this.close();
    }
  }

  get isClosed(): boolean {
    return this.#ended !== null;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#end(new Error('The thread that reads the code was closed.'));
    await this.#worker.terminate();
  }

  async #next(): Promise<IndexMessage> {
    for (;;) {
      const message = this.#messages.shift();
      if (message?.type === 'files') this.#lastPath = message.files.at(-1)?.facts.path ?? null;
      if (message) return message;
      if (this.#ended) throw this.#ended.error;
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await this.#clock.sleep(MOST_SILENT_MS, woken.signal);
      if (!woken.signal.aborted) throw new Error(this.#silence());
    }
  }

  #silence(): string {
    const last = this.#lastPath === null ? 'no file was done' : `${this.#lastPath} was done last`;
    return `The code was read for ${MOST_SILENT_MS / 60_000} minutes without a sign of progress: ${last}. Exclude the file that hangs the compiler, by .gitignore, or read by structure alone.`;
  }

  #answer(answer: IndexAnswer): void {
    this.#worker.postMessage(answer);
  }

  #end(error: unknown): void {
    this.#ended ??= { error };
    this.#wake();
  }
}
