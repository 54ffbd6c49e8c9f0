/** How many seconds' worth of allowance may be saved up: a tree that was idle may run freely for that long. */
const BURST_SECONDS = 0.5;

/**
 * Decides when a tree must rest so that on average over a few seconds it uses no more than `cores`. An account is
 * credited with the limit as time passes and debited with what was used; while it is overdrawn the tree rests.
 */
export class CpuThrottle {
  readonly #cores: number;
  #balance = 0;
  #resting = false;

  constructor(cores: number) {
    this.#cores = cores;
  }

  /**
   * Takes note of `elapsedSeconds` in which `usedSeconds` of CPU were used.
   *
   * @returns whether the tree must rest until the next call.
   */
  account(elapsedSeconds: number, usedSeconds: number): boolean {
    const credit = this.#balance + this.#cores * elapsedSeconds - usedSeconds;
    this.#balance = Math.min(credit, this.#cores * BURST_SECONDS);
    this.#resting = this.#balance < 0;
    return this.#resting;
  }

  get resting(): boolean {
    return this.#resting;
  }
}
