import { SignalboxError } from '../../platform/errors/index.ts';
import { onFeedSignal } from '../../platform/feed/index.ts';
import { type Claim, SESSION_QUEUE, SESSION_RUN } from '../../tasks/index.ts';
import { readStatuses } from './run-status-store.ts';
import type { RunnerParts, RunnerSettings } from './runner-parts.ts';
import { RunningSession } from './running-session.ts';

/** How often a runner looks for work and for decisions by itself, in milliseconds; hints make it look at once. */
const POLL_MS = 1_000;

/**
 * Claims runs of sessions and executes them, up to its capacity.
 *
 * One loop looks for work and for decisions about what runs (on every hint of the change feed, and each second); one
 * heartbeat renews all claims together. A claim that could not be renewed in time is given up by this side too: its run
 * is ended before its lease is over for the others.
 */
export class SessionRunner {
  readonly #parts: RunnerParts;
  readonly #settings: RunnerSettings;
  readonly #running = new Map<string, RunningSession>();
  readonly #settled = new Set<Promise<void>>();
  #stopped = new AbortController();
  #awake = Promise.withResolvers<void>();
  #loops: Promise<void>[] = [];
  #unsubscribe: (() => void) | null = null;
  #claiming = false;

  constructor(parts: RunnerParts, settings: RunnerSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /** Ids of the sessions that run here now. */
  get sessions(): string[] {
    return [...this.#running.values()].map((running) => running.sessionId);
  }

  start(): void {
    if (this.#claiming) return;
    this.#claiming = true;
    this.#stopped = new AbortController();
    this.#unsubscribe = onFeedSignal(() => this.#wake());
    this.#loops = [this.#workLoop(), this.#heartbeatLoop()];
  }

  /**
   * Stops claiming; `wait` lets what runs go on to its end, `stop` ends it so that it can be resumed. Resolves when
   * nothing runs here any more. Idempotent.
   */
  async stop(policy: 'stop' | 'wait'): Promise<void> {
    this.#claiming = false;
    if (policy === 'stop') for (const running of this.#running.values()) running.end('shutdown');
    this.#wake();
    while (this.#settled.size > 0) await Promise.all(this.#settled);
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#stopped.abort();
    this.#wake();
    await Promise.all(this.#loops);
  }

  #wake(): void {
    this.#awake.resolve();
  }

  async #workLoop(): Promise<void> {
    const { clock, logger } = this.#parts;
    while (!this.#stopped.signal.aborted) {
      this.#awake = Promise.withResolvers<void>();
      try {
        await this.#followDecisions();
        if (this.#claiming) await this.#claimWork();
      } catch (error) {
        if (!SignalboxError.is(error, 'DATABASE_UNAVAILABLE')) logger.error({ err: error }, 'looking for work failed');
      }
      const timer = new AbortController();
      await Promise.race([this.#awake.promise, clock.sleep(POLL_MS, timer.signal)]);
      timer.abort();
    }
  }

  async #claimWork(): Promise<void> {
    // Who waits for people takes nobody's place.
    const busy = [...this.#running.values()].filter(({ held }) => !held).length;
    const free = this.#settings.capacity - busy;
    if (free <= 0) return;
    const { agent, leaseSeconds } = this.#settings;
    const before = this.#parts.clock.monotonic();
    const claims = await this.#parts.tasks.claimOfAllProjects({
      agent,
      queues: [SESSION_QUEUE],
      types: [SESSION_RUN],
      able: [],
      limit: free,
      leaseSeconds,
    });
    for (const claim of claims) this.#run(claim, before);
  }

  #run(claim: Claim, claimedAt: number): void {
    const running = new RunningSession(this.#parts, this.#settings, claim, claimedAt);
    this.#running.set(claim.taskId, running);
    const settled = running.execute().finally(() => {
      this.#running.delete(claim.taskId);
      this.#settled.delete(settled);
      this.#wake();
    });
    this.#settled.add(settled);
  }

  async #followDecisions(): Promise<void> {
    const running = [...this.#running.values()].filter((one) => one.begun);
    if (running.length === 0) return;
    const statuses = await readStatuses(
      this.#parts.database,
      running.map((one) => one.sessionId),
    );
    for (const one of running) {
      const now = statuses.get(one.sessionId);
      if (now?.attempt === one.attempt) one.follow(now.status);
      else one.end('lost');
    }
  }

  async #heartbeatLoop(): Promise<void> {
    const { clock, tasks, logger } = this.#parts;
    const { heartbeatSeconds, leaseSeconds } = this.#settings;
    while (!this.#stopped.signal.aborted) {
      await clock.sleep(heartbeatSeconds * 1000, this.#stopped.signal);
      const running = [...this.#running.values()];
      if (this.#stopped.signal.aborted || running.length === 0) continue;
      const asked = clock.monotonic();
      try {
        const lost = new Set(
          await tasks.heartbeat(
            running.map((one) => one.claim),
            leaseSeconds,
          ),
        );
        for (const one of running) {
          if (!lost.has(one.claim)) one.renewed(asked);
          else if (one.begun) await this.#lost(one);
        }
      } catch (error) {
        logger.warn({ err: error }, 'claims could not be renewed');
        for (const one of running) if (one.leaseOver(clock.monotonic())) one.end('lost');
      }
    }
  }

  /** A claim is lost to a decision (then the run's end is recorded) or to the reaper (then nothing may be written). */
  async #lost(one: RunningSession): Promise<void> {
    await this.#followDecisions();
    one.end('lost');
  }
}
