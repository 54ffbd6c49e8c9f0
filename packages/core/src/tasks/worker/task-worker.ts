import type { Outcome } from '../../platform/batching/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import type { Claim, TaskFailure, TaskStatus } from '../task.ts';
import { HeldClaim, LocalQueue } from './held-claims.ts';
import { type TaskHandler, type WorkerParts, type WorkerSettings, workerSettingsSchema } from './worker-options.ts';

/** Most endings on their way to the database; further handlers wait, so that what is unrecorded stays bounded. */
const MAX_ENDING = 4_000;
/** Most tasks of one claim. */
const MAX_CLAIM = 2_000;
/**
 * How long a claim waits for work before it asks anew, in milliseconds, and at most which share of the lease: leases are taken to begin when the
 * worker asked.
 */
const WAIT_MS = 20_000;
const WAIT_SHARE = 0.25;
/** The pause after the database was away, in milliseconds. */
const RETRY_MS = 500;

/** An ending on its way to the database. */
interface Ended {
  held: HeldClaim;
  failure: TaskFailure | null;
  result: unknown;
}

/**
 * Claims tasks and runs their handlers, up to `concurrency` at once.
 *
 * Claims are taken many at a time and kept in hand up to `prefetch`; those that are not started in time go back, so that a
 * slow handler does not hold up work that others could do. One heartbeat renews all of them. Endings are recorded in
 * batches behind the handlers' backs; {@link stop} waits for them. A claim that is lost aborts its handler, and nothing
 * of it is recorded.
 */
export class TaskWorker {
  readonly #parts: WorkerParts;
  readonly #settings: ReturnType<typeof workerSettingsSchema.parse>;
  readonly #projectId: string;
  readonly #handlers: ReadonlyMap<string, TaskHandler>;
  readonly #waiting = new LocalQueue();
  readonly #held = new Set<HeldClaim>();
  readonly #stopped = new AbortController();
  #running = 0;
  #ending = 0;
  #started = false;
  /** Claims went back because they waited too long: no more than can start now until a handler ends. */
  #overstocked = false;
  /** Aborted once handlers that still run are not waited for any more. */
  readonly #abandoned = new AbortController();
  /** Endings of this turn of the loop. */
  #ended: Ended[] = [];
  #loops: Promise<void>[] = [];
  #room = Promise.withResolvers<void>();
  #quiet: PromiseWithResolvers<void> | null = null;

  /** @throws VALIDATION_FAILED */
  constructor(
    parts: WorkerParts,
    projectId: string,
    handlers: Readonly<Record<string, TaskHandler>>,
    settings: WorkerSettings,
  ) {
    this.#parts = parts;
    this.#projectId = projectId;
    this.#handlers = new Map(Object.entries(handlers));
    this.#settings = parseInput(workerSettingsSchema, settings);
  }

  /** Handlers that run now, and claims that wait here. */
  get load(): { running: number; waiting: number; ending: number } {
    return { running: this.#running, waiting: this.#waiting.size, ending: this.#ending };
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#loops = [this.#claimLoop(), this.#heartbeatLoop()];
  }

  /**
   * Claims no more, gives back what has not been started, waits for the handlers that run (at most `graceMs`, then their
   * signals are aborted, their claims given back, and they are waited for no longer), and for everything to be recorded.
   */
  async stop(graceMs = Number.POSITIVE_INFINITY): Promise<void> {
    this.#stopped.abort();
    this.#makeRoom();
    await this.#loops[0];
    this.#giveBack(this.#waiting.take(() => true));
    if (Number.isFinite(graceMs)) {
      const timer = new AbortController();
      await Promise.race([this.#whenQuiet(), this.#parts.clock.sleep(graceMs, timer.signal)]);
      timer.abort();
      for (const held of this.#held) held.giveUp();
      this.#giveBack([...this.#held]);
      this.#abandoned.abort();
      this.#tellQuiet();
    }
    await this.#whenQuiet();
    await Promise.all(this.#loops);
  }

  async #claimLoop(): Promise<void> {
    const { tasks, clock, logger } = this.#parts;
    const { agent, queues, able, leaseSeconds, concurrency } = this.#settings;
    const types = [...this.#handlers.keys()];
    const { signal } = this.#stopped;
    const waitMs = Math.min(WAIT_MS, WAIT_SHARE * leaseSeconds * 1_000);
    while (!signal.aborted) {
      const prefetch = this.#overstocked ? 0 : this.#settings.prefetch;
      // Half a store at a time: a claim for each free place would be many small statements, and of one for all of it nothing would be left to
      // work on while the next is under way.
      const half = Math.floor(prefetch / 2);
      const limit = Math.min(
        MAX_CLAIM,
        concurrency + half,
        concurrency + prefetch - this.#running - this.#waiting.size,
      );
      if (limit < Math.max(1, half) || this.#ending >= MAX_ENDING) {
        this.#room = Promise.withResolvers<void>();
        await this.#room.promise;
        continue;
      }
      const asked = clock.monotonic();
      try {
        const prefetched = { limit, prefetch: prefetch > 0 };
        const request = { agent, queues, types, able, ...prefetched, leaseSeconds, waitMs, signal };
        const claims = await tasks.claim(this.#projectId, request);
        const came = clock.monotonic();
        for (const claim of claims) this.#take(claim, asked, came);
        // In a turn of its own, which comes once the next claim is on its way: the database works on that while the handlers run.
        setImmediate(() => this.#pump());
      } catch (error) {
        if (!SignalboxError.is(error, 'DATABASE_UNAVAILABLE')) logger.error({ err: error }, 'claiming tasks failed');
        await clock.sleep(RETRY_MS, signal);
      }
    }
  }

  #take(claim: Claim, asked: number, came: number): void {
    const held = new HeldClaim(claim, asked, came);
    this.#held.add(held);
    this.#waiting.push(held);
  }

  /** Starts what waits here while there are free places. */
  #pump(): void {
    const { concurrency, prefetch } = this.#settings;
    while (this.#running < concurrency && this.#ending < MAX_ENDING) {
      const held = this.#stopped.signal.aborted ? undefined : this.#waiting.shift();
      if (!held) break;
      this.#running += 1;
      this.#handle(held);
    }
    if (this.#waiting.size <= prefetch / 2) this.#makeRoom();
  }

  #handle(held: HeldClaim): void {
    let returned: unknown;
    try {
      // The types asked for are those that have handlers.
      const handler = this.#handlers.get(held.claim.type) as TaskHandler;
      returned = handler(held.claim, held);
    } catch (error) {
      this.#end({ held, failure: failureOf(error), result: undefined });
      return;
    }
    if (returned instanceof Promise) void this.#endLater(held, returned);
    else this.#end({ held, failure: null, result: returned });
  }

  async #endLater(held: HeldClaim, returned: Promise<unknown>): Promise<void> {
    try {
      this.#end({ held, failure: null, result: await returned });
    } catch (error) {
      this.#end({ held, failure: failureOf(error), result: undefined });
    }
    this.#pump();
  }

  /** Endings of one turn of the loop are recorded together: a promise for each would cost more than the rest of a short task. */
  #end(ended: Ended): void {
    this.#running -= 1;
    this.#overstocked = false;
    this.#ending += 1;
    this.#ended.push(ended);
    if (this.#ended.length === 1) setImmediate(() => this.#recordEnded());
  }

  #recordEnded(): void {
    const ended = this.#ended;
    this.#ended = [];
    for (const share of Map.groupBy(ended, ({ held }) => held.claim.token).values()) void this.#record(share);
  }

  /** Writes endings of one token down, waiting for the database as long as the claims may still be ours. */
  async #record(ended: readonly Ended[]): Promise<void> {
    let open = ended;
    for (;;) {
      const held = open.filter((one) => !one.held.gaveUp);
      const outcomes = await this.#tryToEnd(held);
      const again = held.filter((one, place) => !this.#isSettled(one, outcomes[place]));
      this.#recorded(open, again);
      if (again.length === 0) return;
      open = again;
      await this.#parts.clock.sleep(RETRY_MS, this.#abandoned.signal);
    }
  }

  async #tryToEnd(ended: readonly Ended[]): Promise<Outcome<TaskStatus>[]> {
    try {
      return await this.#parts.tasks.endMany(
        ended.map(({ held, failure, result }) => ({ claim: held.claim, failure, result })),
      );
    } catch (error) {
      return ended.map(() => ({ error }));
    }
  }

  /** Whether nothing more can be done to record an ending. */
  #isSettled({ held }: Ended, outcome: Outcome<TaskStatus> | undefined): boolean {
    if (!outcome || !('error' in outcome)) return true;
    const { error } = outcome;
    const { taskId, attempt } = held.claim;
    if (isPassing(error)) return false;
    if (SignalboxError.is(error, 'CLAIM_LOST')) {
      this.#parts.logger.warn({ taskId, attempt }, 'the claim was lost; its ending is not recorded');
    } else {
      this.#parts.logger.error({ err: error, taskId }, 'an ending could not be recorded; the task will be lost');
    }
    return true;
  }

  /** Lets go of all of `ended` but what is tried `again`. */
  #recorded(ended: readonly Ended[], again: readonly Ended[]): void {
    const kept = new Set(again);
    const before = this.#ending;
    for (const one of ended) {
      if (kept.has(one)) continue;
      this.#forget(one.held);
      this.#ending -= 1;
    }
    if (before > MAX_ENDING / 2 && this.#ending <= MAX_ENDING / 2) this.#pump();
    this.#tellQuiet();
  }

  async #heartbeatLoop(): Promise<void> {
    const { clock, tasks, logger } = this.#parts;
    const { heartbeatSeconds, leaseSeconds, returnAfterSeconds } = this.#settings;
    const over = new AbortController();
    void this.#whenStoppedQuiet().then(() => over.abort());
    while (!over.signal.aborted) {
      await clock.sleep(heartbeatSeconds * 1_000, over.signal);
      const now = clock.monotonic();
      const stale = this.#waiting.take(({ since }) => now - since >= returnAfterSeconds * 1_000);
      if (stale.length > 0) this.#overstocked = true;
      this.#giveBack(stale);
      const all = [...this.#held];
      try {
        const lost = new Set(
          await tasks.heartbeat(
            all.map(({ claim }) => claim),
            leaseSeconds,
          ),
        );
        for (const held of all) {
          if (lost.has(held.claim)) this.#lose(held);
          else held.renewedAt = now;
        }
      } catch (error) {
        logger.warn({ err: error }, 'claims could not be renewed');
        for (const held of all) if (now - held.renewedAt >= leaseSeconds * 1_000) this.#lose(held);
      }
    }
  }

  #lose(held: HeldClaim): void {
    // One that has ended meanwhile was not lost.
    if (!this.#held.has(held)) return;
    held.giveUp();
    if (this.#waiting.take((one) => one === held).length > 0) this.#forget(held);
  }

  /** Gives unstarted claims back; those that cannot be given back are the reaper's. */
  #giveBack(claims: readonly HeldClaim[]): void {
    for (const held of claims) {
      this.#ending += 1;
      const given = this.#parts.tasks.release(held.claim).catch((error: unknown) => {
        if (!SignalboxError.is(error, 'CLAIM_LOST')) {
          this.#parts.logger.warn({ err: error, taskId: held.claim.taskId }, 'a claim could not be given back');
        }
      });
      void given.then(() => {
        this.#forget(held);
        this.#ending -= 1;
        this.#tellQuiet();
      });
    }
  }

  #forget(held: HeldClaim): void {
    this.#held.delete(held);
  }

  #makeRoom(): void {
    this.#room.resolve();
  }

  get #isQuiet(): boolean {
    return this.#ending === 0 && (this.#abandoned.signal.aborted || this.#running === 0);
  }

  #tellQuiet(): void {
    if (!this.#isQuiet) return;
    this.#quiet?.resolve();
    this.#quiet = null;
  }

  async #whenQuiet(): Promise<void> {
    while (!this.#isQuiet) {
      this.#quiet ??= Promise.withResolvers<void>();
      await this.#quiet.promise;
    }
  }

  async #whenStoppedQuiet(): Promise<void> {
    if (!this.#stopped.signal.aborted) {
      await new Promise<void>((resolve) =>
        this.#stopped.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
    }
    await this.#loops[0];
    await this.#whenQuiet();
  }
}

function failureOf(error: unknown): TaskFailure {
  const retryable = !(typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === false);
  if (!(error instanceof Error)) return { name: 'Error', message: String(error).slice(0, 2_000), retryable };
  return { name: error.name, message: error.message.slice(0, 2_000), retryable };
}

function isPassing(error: unknown): boolean {
  return ['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'OVERLOADED'].some((code) =>
    SignalboxError.is(error, code as 'OVERLOADED'),
  );
}
