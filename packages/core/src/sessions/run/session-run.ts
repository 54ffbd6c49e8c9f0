import type { Clock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Logger } from '../../platform/logging/index.ts';
import type { RunHandle, RunOutcome, RunSpec, Runtime } from '../runtime.ts';
import type { SessionStatus } from '../session-status.ts';
import type { ChangeRecorder } from './change-recorder.ts';
import { RunClock } from './run-clock.ts';
import type { SessionRunHost } from './run-host.ts';

/** Why a run ended: by itself, at its limit, by somebody's decision, because it is not ours any more, with us, or
 * because people took longer to answer than its process may wait. */
export type RunEnd = 'finished' | 'timeout' | 'decided' | 'lost' | 'shutdown' | 'parked';

export interface RunReport {
  end: RunEnd;
  outcome: RunOutcome;
  /** Tree of the workspace at the end; null where it could not be captured. */
  treeId: string | null;
  runtimeSession: RunSpec['resumeFrom'];
  usage: { cpuSeconds: number | null; peakMemoryMb: number | null; executedSeconds: number };
}

/** Milliseconds a run gets to end by itself once it was asked to. */
const GRACE_MS = 5_000;
/** A pause ends after a day, in milliseconds (design.md §4). */
const LONGEST_PAUSE_MS = 24 * 3600 * 1000;

/**
 * One execution of a session, from the start of the runtime until nothing of it is left.
 *
 * STARTING → RUNNING ⇄ PAUSED → ENDING → over. While calls are held the session is paused too, but its processes go on:
 * one of them waits for the answer. Whoever calls `end` first decides why it ended; then the process tree is
 * ended, what it still said is recorded (unless the run is lost), and `execute` answers the report.
 */
export class SessionRun {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #runtime: Runtime;
  readonly #spec: RunSpec;
  readonly #host: SessionRunHost;
  readonly #changes: ChangeRecorder | null;
  readonly #onRuntimeSession: (ref: NonNullable<RunSpec['resumeFrom']>) => Promise<void>;
  readonly #runClock: RunClock;
  readonly #ended = Promise.withResolvers<void>();
  #why: Exclude<RunEnd, 'finished'> | null = null;
  #handle: RunHandle | null = null;
  #paused = false;
  #held = false;
  #pauseTimer = new AbortController();
  readonly #started = Promise.withResolvers<void>();
  /** Begins when there is something to pause: the program may be under way, and its session paused, before its start is answered. */
  #control: Promise<void> = this.#started.promise;

  constructor(options: {
    clock: Clock;
    logger: Logger;
    runtime: Runtime;
    spec: RunSpec;
    host: SessionRunHost;
    changes: ChangeRecorder | null;
    limitSeconds: number;
    onRuntimeSession: (ref: NonNullable<RunSpec['resumeFrom']>) => Promise<void>;
  }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#runtime = options.runtime;
    this.#spec = options.spec;
    this.#host = options.host;
    this.#changes = options.changes;
    this.#onRuntimeSession = options.onRuntimeSession;
    this.#runClock = new RunClock({
      clock: options.clock,
      limitSeconds: options.limitSeconds,
      onLimit: () => this.end('timeout'),
    });
  }

  /** Never rejects: what goes wrong is in the report's outcome. */
  async execute(): Promise<RunReport> {
    const watching = new AbortController();
    let treeId: string | null = null;
    let outcome: RunOutcome;
    try {
      treeId = (await this.#changes?.begin()) ?? null;
      this.#handle = await this.#runtime.start(this.#spec, this.#host);
      this.#runClock.start();
      this.#started.resolve();
      await this.#keepRuntimeSession();
      void this.#changes?.watch(watching.signal, (error) =>
        this.#logger.warn({ err: error }, 'looking at the files failed'),
      );
      await Promise.race([this.#ended.promise, this.#handle.done]);
      watching.abort();
      if (this.#why) await this.#handle.stop(GRACE_MS);
      outcome = await this.#handle.done;
    } catch (error) {
      watching.abort();
      await this.#handle?.stop(0);
      outcome = failed(error);
    }
    this.#runClock.pause();
    this.#pauseTimer.abort();
    if (this.#why !== 'lost') {
      const last = await this.#settle();
      treeId = last.treeId ?? treeId;
      if (last.error && outcome.status === 'completed') outcome = failed(last.error);
    }
    const measured = (await this.#handle?.usage()) ?? { cpuSeconds: null, peakMemoryMb: null };
    return {
      // Only now: that somebody had ended the session may have shown when the last events were recorded.
      end: this.#why ?? 'finished',
      outcome,
      treeId,
      runtimeSession: this.#handle?.runtimeSession() ?? null,
      usage: { ...measured, executedSeconds: this.#runClock.elapsedMs() / 1000 },
    };
  }

  /** Ends the run for a reason; the first reason counts. */
  end(why: Exclude<RunEnd, 'finished'>): void {
    this.#why ??= why;
    this.#ended.resolve();
  }

  /** Whether it waits for people. */
  get held(): boolean {
    return this.#held;
  }

  /** It waits for people from now on, though its processes go on: time does not count, and the session's pause freezes nothing. */
  hold(): void {
    this.#held = true;
    this.#runClock.pause();
  }

  /** It waits no more. */
  release(): void {
    this.#held = false;
    if (!this.#paused && this.#why === null) this.#runClock.start();
  }

  /** Pauses and resumes with the session's status. */
  follow(status: SessionStatus): void {
    // The pause of a call that waits freezes nothing: its process must get the answer.
    if (this.#held && status === 'paused') return;
    if (status === 'paused') this.#change(true);
    if (status === 'running' || status === 'degraded') this.#change(false);
  }

  /** Pauses and resumes in the order in which they were asked for. */
  #change(pause: boolean): void {
    if (pause === this.#paused) return;
    this.#paused = pause;
    this.#control = this.#control.then(async () => {
      try {
        await (pause ? this.#pause() : this.#resume());
      } catch (error) {
        this.#logger.error({ err: error }, pause ? 'the run could not be paused' : 'the run could not be resumed');
      }
    });
  }

  async #pause(): Promise<void> {
    await this.#handle?.pause();
    this.#runClock.pause();
    const timer = new AbortController();
    this.#pauseTimer = timer;
    void this.#clock.sleep(LONGEST_PAUSE_MS, timer.signal).then(() => {
      if (!timer.signal.aborted) this.end('timeout');
    });
  }

  async #resume(): Promise<void> {
    this.#pauseTimer.abort();
    await this.#handle?.resume();
    if (!this.#held) this.#runClock.start();
  }

  async #keepRuntimeSession(): Promise<void> {
    const ref = this.#handle?.runtimeSession();
    if (ref) await this.#onRuntimeSession(ref);
  }

  /** Records what the run still said and changed. */
  async #settle(): Promise<{ treeId: string | null; error: unknown }> {
    try {
      const treeId = (await this.#changes?.end()) ?? null;
      await this.#host.finish();
      return { treeId, error: null };
    } catch (error) {
      if (!SignalboxError.is(error, 'CLAIM_LOST'))
        this.#logger.error({ err: error }, 'the end of the run could not be recorded');
      return { treeId: null, error };
    }
  }
}

/** A run that never came to an outcome of its own. */
function failed(error: unknown): RunOutcome {
  const name = SignalboxError.is(error) ? error.code : error instanceof Error ? error.name : 'Error';
  const message = error instanceof Error ? error.message : String(error);
  const retryable = !SignalboxError.is(error) || error.status >= 500;
  return { status: 'failed', exitCode: null, signal: null, error: { name, message, retryable }, result: {} };
}
