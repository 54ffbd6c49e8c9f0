import type { Configuration, Indexing, SessionRunner } from '@signalbox/core';
import type { Role } from './role.ts';

type StopPolicy = Configuration['runner']['onStop'];

/** Claims sessions and runs them, and reads the code that they work at: both where the workspaces are. */
export class RunnerRole implements Role {
  readonly name = 'runner';
  readonly #runner: SessionRunner;
  readonly #onStop: StopPolicy;
  readonly #indexing: Indexing;

  constructor(runner: SessionRunner, indexing: Indexing, onStop: StopPolicy) {
    this.#runner = runner;
    this.#indexing = indexing;
    this.#onStop = onStop;
  }

  start(): void {
    this.#runner.start();
    this.#indexing.start();
  }

  /** @param policy in place of the configured one. */
  async stop(policy: StopPolicy = this.#onStop): Promise<void> {
    await this.#indexing.stop();
    await this.#runner.stop(policy);
  }

  report(): ReturnType<Role['report']> {
    const { failure, name } = this.#indexing;
    if (failure !== null) return { status: 'degraded', reason: `${name}: ${failure}` };
    return { status: 'ok', reason: null };
  }
}
