import { assertOutsideTransaction } from '../database/transaction-context.ts';
import { SignalboxError } from '../errors/index.ts';

/** What one call of a batch came to: its value, or an error that is this caller's alone. */
export type Outcome<Result> = { readonly value: Result } | { readonly error: unknown };

export interface BatcherOptions<Call, Result> {
  /** Name of the verb, for errors and metrics. */
  verb: string;
  /**
   * Does a whole batch at once and answers one outcome per call, in their order. Must be all or nothing: when it throws,
   * none of its calls may have taken effect.
   */
  run: (calls: readonly Call[]) => Promise<readonly Outcome<Result>[]>;
  /** Most calls of one batch. Default 500. */
  maxBatch?: number;
  /** Most calls that may wait; further ones get `OVERLOADED`. Default 10,000. */
  maxWaiting?: number;
  /** How heavy a call is, in a unit of the verb's choice (bytes, rows). Default 1 each. */
  weigh?: (call: Call) => number;
  /** Most weight of one batch; a single heavier call travels alone. Default unlimited. */
  maxBatchWeight?: number;
  /** Most weight that may wait. Default unlimited. */
  maxWaitingWeight?: number;
  /**
   * How many batches may be under way at once; default 1. With more, this process works on one while the database works on
   * another; calls that wait together may then overtake each other. A lane takes its share of all calls, not all that wait.
   */
  lanes?: number;
  /** Names of which no two calls of one batch may share one (the ids a batch could not insert twice). */
  exclusive?: (call: Call) => readonly string[];
  observer?: BatchObserver;
}

/** Told how batching goes; for metrics. */
export interface BatchObserver {
  /** A batch was answered: how many calls it had, whether it failed as a whole, and how many calls wait now. */
  batch(verb: string, size: number, failed: boolean, waiting: number): void;
  /** A call was refused because too many wait. */
  refused(verb: string): void;
}

/** Who made one or more calls and is told what they came to. */
interface Caller<Result> {
  answer(place: number, outcome: Outcome<Result>): void;
}

interface Waiting<Call, Result> {
  readonly call: Call;
  readonly weight: number;
  readonly names: readonly string[];
  readonly caller: Caller<Result>;
  /** Which of its caller's calls this is. */
  readonly place: number;
}

/** Nothing is learned by trying half of the calls when the database itself is the reason. */
const WHOLE_BATCH = ['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN'] as const;
const NO_NAMES: readonly string[] = [];
/** Fewer calls than this are not worth a second batch. */
const WORTH_A_LANE = 32;
/** How often a batch that met a deadlock or a serialisation failure goes again as it is. */
const REPEATS = 2;

/**
 * Natural batching (design.md §4): while one batch is in flight, calls queue up; when it returns, all that queued go as
 * the next one. No timers: an idle caller waits for nobody, a busy system commits in groups that grow with the load.
 *
 * - Calls travel in the order they were made, at most one batch at a time unless told otherwise; so their order is kept,
 *   whatever their key.
 * - Each caller gets its own value or error. A broken rule is an {@link Outcome} of one call, never a thrown error.
 * - When a batch throws, it has changed nothing and is run again by halves, until the guilty call alone gets the error.
 *   A database that is away, or a commit of unknown outcome, is everybody's error at once. Deadlocks go again as they are.
 * - The queue is bounded: `OVERLOADED` at once is better than an answer nobody waits for any more.
 * - Inside a transaction the call throws `BATCHED_CALL_IN_TRANSACTION`: it would not take part in it.
 */
export class Batcher<Call, Result> {
  readonly #options: Required<Omit<BatcherOptions<Call, Result>, 'observer'>>;
  readonly #observer: BatchObserver | undefined;
  #queue: Waiting<Call, Result>[] = [];
  #queuedWeight = 0;
  /** Lanes that are at work, and calls in flight on them. */
  #driving = 0;
  #inFlight = 0;
  #idle: (() => void)[] = [];

  constructor(options: BatcherOptions<Call, Result>) {
    const { observer, ...rest } = options;
    this.#observer = observer;
    this.#options = {
      maxBatch: 500,
      maxWaiting: 10_000,
      weigh: () => 1,
      maxBatchWeight: Number.POSITIVE_INFINITY,
      maxWaitingWeight: Number.POSITIVE_INFINITY,
      exclusive: () => NO_NAMES,
      lanes: 1,
      ...rest,
    };
  }

  /** How many calls wait for their batch; those in flight are not counted. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Whether nothing waits and nothing is in flight. */
  get idle(): boolean {
    return this.#driving === 0;
  }

  /** @throws OVERLOADED, BATCHED_CALL_IN_TRANSACTION, and whatever the verb answers. */
  call(call: Call): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#enterOne(call, new OneCall(resolve, reject));
    });
  }

  /**
   * Several calls by one caller, for one promise instead of one each: answers an outcome per call, in their order, once all are
   * answered. They are batched with everybody's like any others.
   * @throws OVERLOADED where there is no room for all of them, BATCHED_CALL_IN_TRANSACTION
   */
  callMany(calls: readonly Call[]): Promise<Outcome<Result>[]> {
    return new Promise((resolve) => {
      if (calls.length === 0) resolve([]);
      else this.#enter(calls, new ManyCalls(calls.length, resolve));
    });
  }

  /** Resolves once every call made so far, and any made meanwhile, has its answer. For shutdown: stop callers first. */
  async drain(): Promise<void> {
    if (this.#driving === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #enter(calls: readonly Call[], caller: Caller<Result>): void {
    assertOutsideTransaction(this.#options.verb);
    const weights = calls.map((call) => this.#options.weigh(call));
    const weight = weights.reduce((sum, one) => sum + one, 0);
    this.#admit(calls.length, weight);
    for (const [place, call] of calls.entries()) this.#push(call, weights[place] as number, caller, place);
    this.#wake();
  }

  /** {@link #enter} of one call, without the lists that many take: with small calls these were a good part of the work. */
  #enterOne(call: Call, caller: Caller<Result>): void {
    assertOutsideTransaction(this.#options.verb);
    const weight = this.#options.weigh(call);
    this.#admit(1, weight);
    this.#push(call, weight, caller, 0);
    this.#wake();
  }

  #admit(count: number, weight: number): void {
    const { verb, maxWaiting, maxWaitingWeight } = this.#options;
    const heavy = this.#queue.length > 0 && this.#queuedWeight + weight > maxWaitingWeight;
    if (this.#queue.length + count > maxWaiting || heavy) {
      this.#observer?.refused(verb);
      throw new SignalboxError('OVERLOADED', { verb, waiting: this.#queue.length });
    }
    this.#queuedWeight += weight;
  }

  #push(call: Call, weight: number, caller: Caller<Result>, place: number): void {
    this.#queue.push({ call, weight, names: this.#options.exclusive(call), caller, place });
  }

  #wake(): void {
    if (this.#driving >= this.#options.lanes) return;
    this.#driving += 1;
    // Once all that this turn of the loop sets off has run, so that calls made together travel together from the first
    // batch on. A microtask is too early: of a thousand handlers that end together it sees a few.
    setImmediate(() => void this.#drive());
  }

  async #drive(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#take();
      this.#inFlight += batch.length;
      await this.#settle(batch, REPEATS);
      this.#inFlight -= batch.length;
      // Callers that just got their answer make their next call now and catch this very batch.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#driving -= 1;
    if (this.#driving > 0) return;
    for (const idle of this.#idle.splice(0)) idle();
  }

  #take(): Waiting<Call, Result>[] {
    const { maxBatch, maxBatchWeight, lanes } = this.#options;
    const all = this.#queue.length + this.#inFlight;
    const share = all < WORTH_A_LANE ? maxBatch : Math.ceil(all / lanes);
    const names = new Set<string>();
    let weight = 0;
    let count = 0;
    for (const waiting of this.#queue) {
      if (count === maxBatch || count === share || (count > 0 && weight + waiting.weight > maxBatchWeight)) break;
      if (waiting.names.some((name) => names.has(name))) break;
      for (const name of waiting.names) names.add(name);
      weight += waiting.weight;
      count += 1;
    }
    this.#queuedWeight -= weight;
    return this.#queue.splice(0, count);
  }

  /** Answers every call of `batch`; never throws. */
  async #settle(batch: readonly Waiting<Call, Result>[], repeats: number): Promise<void> {
    const outcomes = await this.#attempt(batch);
    this.#observer?.batch(this.#options.verb, batch.length, 'error' in outcomes, this.#queue.length);
    if (!('error' in outcomes)) return answer(batch, outcomes.value);
    const { error } = outcomes;
    if (repeats > 0 && SignalboxError.is(error, 'SERIALIZATION_FAILED')) return this.#settle(batch, repeats - 1);
    if (batch.length === 1 || isForAll(error)) {
      for (const { caller, place } of batch) caller.answer(place, { error });
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await this.#settle(batch.slice(0, middle), repeats);
    await this.#settle(batch.slice(middle), repeats);
  }

  async #attempt(batch: readonly Waiting<Call, Result>[]): Promise<Outcome<readonly Outcome<Result>[]>> {
    try {
      return { value: await this.#options.run(batch.map((waiting) => waiting.call)) };
    } catch (error) {
      return { error };
    }
  }
}

class OneCall<Result> implements Caller<Result> {
  readonly #resolve: (value: Result) => void;
  readonly #reject: (error: unknown) => void;

  constructor(resolve: (value: Result) => void, reject: (error: unknown) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  answer(_place: number, outcome: Outcome<Result>): void {
    if ('error' in outcome) this.#reject(outcome.error);
    else this.#resolve(outcome.value);
  }
}

class ManyCalls<Result> implements Caller<Result> {
  readonly #outcomes: Outcome<Result>[];
  readonly #resolve: (outcomes: Outcome<Result>[]) => void;
  #open: number;

  constructor(count: number, resolve: (outcomes: Outcome<Result>[]) => void) {
    this.#outcomes = new Array(count);
    this.#resolve = resolve;
    this.#open = count;
  }

  answer(place: number, outcome: Outcome<Result>): void {
    this.#outcomes[place] = outcome;
    this.#open -= 1;
    if (this.#open === 0) this.#resolve(this.#outcomes);
  }
}

/** A missing outcome is a defect of the verb. The batch has taken effect, so it must not be run again. */
function answer<Call, Result>(batch: readonly Waiting<Call, Result>[], outcomes: readonly Outcome<Result>[]): void {
  for (const [index, { caller, place }] of batch.entries()) {
    caller.answer(place, outcomes[index] ?? { error: tooFew() });
  }
}

function tooFew(): SignalboxError {
  return new SignalboxError('REPOSITORY_ERROR', { reason: 'a batch answered too few calls' });
}

function isForAll(error: unknown): boolean {
  return WHOLE_BATCH.some((code) => SignalboxError.is(error, code));
}
