import type { Configuration, SessionRunner } from '@signalbox/core';
import type { Role } from './role.ts';

type StopPolicy = Configuration['runner']['onStop'];

/** Claims sessions and runs them. */
export class RunnerRole implements Role {
  readonly name = 'runner';
  readonly #runner: SessionRunner;
  readonly #onStop: StopPolicy;

  constructor(runner: SessionRunner, onStop: StopPolicy) {
    this.#runner = runner;
    this.#onStop = onStop;
  }

  start(): void {
    this.#runner.start();
  }

  /** @param policy in place of the configured one. */
  stop(policy: StopPolicy = this.#onStop): Promise<void> {
    return this.#runner.stop(policy);
  }

  report(): ReturnType<Role['report']> {
    return { status: 'ok', reason: null };
  }
}
