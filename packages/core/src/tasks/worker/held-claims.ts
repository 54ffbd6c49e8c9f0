import type { Claim } from '../task.ts';

/** One claim in this worker's hands. */
export class HeldClaim {
  readonly claim: Claim;
  /** When it came here, and when it was last known to be ours, by the monotonic clock. */
  readonly since: number;
  renewedAt: number;
  #gaveUp = false;
  #controller: AbortController | null = null;

  /** @param asked when the worker began to ask for work: the claim is no older than that */
  constructor(claim: Claim, asked: number, since: number) {
    this.claim = claim;
    this.since = since;
    this.renewedAt = asked;
  }

  /** Whether the claim is lost or given up. */
  get gaveUp(): boolean {
    return this.#gaveUp;
  }

  /** Aborted when the claim is lost or given up. Made when somebody asks: it costs more than all else of a short task. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#gaveUp) this.#controller.abort();
    return this.#controller.signal;
  }

  giveUp(): void {
    this.#gaveUp = true;
    this.#controller?.abort();
  }
}

/** The claims that wait here for a free place, first come, first served. */
export class LocalQueue {
  #items: (HeldClaim | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(held: HeldClaim): void {
    this.#items.push(held);
  }

  shift(): HeldClaim | undefined {
    const held = this.#items[this.#head];
    if (held === undefined) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return held;
  }

  /** Takes out and answers those for which `test` holds. */
  take(test: (held: HeldClaim) => boolean): HeldClaim[] {
    const all = this.#items.slice(this.#head) as HeldClaim[];
    this.#items = all.filter((held) => !test(held));
    this.#head = 0;
    return all.filter(test);
  }
}
