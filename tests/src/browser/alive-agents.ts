import type { Client } from '@signalbox/client';

const EVERY_MS = 250;

/** Keeps agents heard of until it is disposed of: in tests the time after which the silent are dead is short. */
export class AliveAgents implements AsyncDisposable {
  readonly #client: Client;
  readonly #ids: readonly string[];
  readonly #abort = new AbortController();
  readonly #beating: Promise<void>;

  constructor(client: Client, ids: readonly string[]) {
    this.#client = client;
    this.#ids = ids;
    this.#beating = this.#beat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#beating;
  }

  async #beat(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      // One that a test has unregistered meanwhile is not heard of, and that is as it should be.
      await Promise.allSettled(this.#ids.map((id) => this.#client.agents.heartbeat(id)));
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }
}
