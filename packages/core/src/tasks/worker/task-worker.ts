import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import type { Claim, TaskFailure } from '../task.ts';
import { HeldClaim, LocalQueue } from './held-claims.ts';
import { type TaskHandler, type WorkerParts, type WorkerSettings, workerSettingsSchema } from './worker-options.ts';

/** Most endings on their way to the database; further handlers wait, so that what is unrecorded stays bounded. */
const MAX_ENDING = 4_000;
/** Most tasks of one claim. */
const MAX_CLAIM = 2_000;
/** How long a claim waits for work before it asks anew, and the pause after the database was away, in milliseconds. */
const WAIT_MS = 20_000;
const RETRY_MS = 500;

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
  /** Handlers that still run are not waited for any more. */
  #abandoned = false;
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
      this.#abandoned = true;
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
    while (!signal.aborted) {
      const prefetch = this.#overstocked ? 0 : this.#settings.prefetch;
      const limit = Math.min(MAX_CLAIM, concurrency + prefetch - this.#running - this.#waiting.size);
      // Half a store at a time: a claim for each free place would be many small statements.
      if (limit < Math.max(1, Math.floor(prefetch / 2)) || this.#ending >= MAX_ENDING) {
        this.#room = Promise.withResolvers<void>();
        await this.#room.promise;
        continue;
      }
      const asked = clock.monotonic();
      try {
        const prefetched = { limit, prefetch: prefetch > 0 };
        const request = { agent, queues, types, able, ...prefetched, leaseSeconds, waitMs: WAIT_MS, signal };
        for (const claim of await tasks.claim(this.#projectId, request)) this.#take(claim, asked);
        this.#pump();
      } catch (error) {
        if (!SignalboxError.is(error, 'DATABASE_UNAVAILABLE')) logger.error({ err: error }, 'claiming tasks failed');
        await clock.sleep(RETRY_MS, signal);
      }
    }
  }

  #take(claim: Claim, asked: number): void {
    const held = new HeldClaim(claim, asked);
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
      void this.#handle(held);
    }
    if (this.#waiting.size <= prefetch / 2) this.#makeRoom();
  }

  async #handle(held: HeldClaim): Promise<void> {
    const { claim } = held;
    let failure: TaskFailure | null = null;
    let result: unknown;
    try {
      // The types asked for are those that have handlers.
      const handler = this.#handlers.get(claim.type) as TaskHandler;
      const returned = handler(claim, held);
      result = returned instanceof Promise ? await returned : returned;
    } catch (error) {
      failure = failureOf(error);
    }
    this.#running -= 1;
    this.#overstocked = false;
    this.#ending += 1;
    void this.#record(held, failure, result);
    this.#pump();
  }

  /** Writes an ending down, waiting for the database as long as the claim may still be ours. */
  async #record(held: HeldClaim, failure: TaskFailure | null, result: unknown): Promise<void> {
    const { tasks, clock, logger } = this.#parts;
    const { claim } = held;
    try {
      while (!held.gaveUp) {
        try {
          await (failure ? tasks.fail(claim, failure) : tasks.complete(claim, result));
          return;
        } catch (error) {
          if (SignalboxError.is(error, 'CLAIM_LOST')) {
            logger.warn(
              { taskId: claim.taskId, attempt: claim.attempt },
              'the claim was lost; its ending is not recorded',
            );
            return;
          }
          if (!isPassing(error)) throw error;
          await clock.sleep(RETRY_MS, held.signal);
        }
      }
    } catch (error) {
      logger.error({ err: error, taskId: claim.taskId }, 'an ending could not be recorded; the task will be lost');
    } finally {
      this.#forget(held);
      this.#ending -= 1;
      if (this.#ending === MAX_ENDING / 2) this.#pump();
      this.#tellQuiet();
    }
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
    return this.#ending === 0 && (this.#abandoned || this.#running === 0);
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
