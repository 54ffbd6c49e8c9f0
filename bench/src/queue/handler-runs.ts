/** Counts the runs of the handlers of tasks 0 … count-1. As cheap as can be: it stands in every contender's hot loop. */
export class HandlerRuns {
  readonly count: number;
  /** Resolves when as many runs have begun as there are tasks. */
  readonly all: Promise<void>;
  readonly #runs: Uint8Array;
  readonly #finish: () => void;
  #total = 0;

  constructor(count: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.count = count;
    this.all = promise;
    this.#runs = new Uint8Array(count);
    this.#finish = resolve;
  }

  /** What every handler does. @throws for a payload that no task was loaded with */
  ran({ n }: { n: number }): void {
    const before = this.#runs[n];
    if (before === undefined) throw new Error(`A handler got a task ${n} that was never loaded.`);
    this.#runs[n] = Math.min(before + 1, 255);
    if (++this.#total === this.count) this.#finish();
  }

  /** @throws unless each handler ran exactly once */
  assertOnceEach(): void {
    const wrong = this.#runs.findIndex((runs) => runs !== 1);
    if (wrong >= 0) throw new Error(`The handler of task ${wrong} ran ${this.#runs[wrong]} times.`);
  }
}
