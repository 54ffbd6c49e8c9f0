import type { Clock, RunHandle, RunHost, RunOutcome, RunSpec } from '@signalbox/core';
import { redactor, SignalboxError } from '@signalbox/core';
import type { GuardedProcess, ProcessEnd } from '../process/index.ts';
import { exitOutcome } from './exit-outcome.ts';
import { pumpOutput } from './output-pump.ts';

/** Patience with a run whose output nobody records any more. */
const UNRECORDED_GRACE_MS = 1_000;
/** How much of the end of standard output is kept as the session's result, in UTF-16 units. */
const RESULT_TAIL_LENGTH = 2_000;

/** One run of a command: carries its output to the host and turns its end into an outcome. */
export class CommandRun implements RunHandle {
  readonly done: Promise<RunOutcome>;
  readonly #guarded: GuardedProcess;
  readonly #spec: RunSpec;
  readonly #host: RunHost;
  /** The first refusal of an event: from then on nothing is recorded. */
  #refusal: { error: unknown } | null = null;
  #tail = '';
  /** The tail begins anywhere, within a secret too: so that is masked before it is cut off. */
  readonly #tailRedactor = redactor.stream();

  constructor(guarded: GuardedProcess, spec: RunSpec, host: RunHost, clock: Clock) {
    this.#guarded = guarded;
    this.#spec = spec;
    this.#host = host;
    // A program need not read its input; that it does not is no error.
    guarded.stdin?.on('error', () => undefined);
    guarded.stdin?.end(spec.prompt);
    void guarded.ended.then(() => guarded.stdin?.destroy());
    this.done = this.#conclude(Promise.all([this.#carry('stdout', clock), this.#carry('stderr', clock)]));
  }

  /** A command cannot be continued: each run starts afresh. */
  runtimeSession(): null {
    return null;
  }

  pause(): Promise<void> {
    return this.#guarded.pause();
  }

  resume(): Promise<void> {
    return this.#guarded.resume();
  }

  async stop(graceMs: number): Promise<void> {
    await this.#guarded.stop(graceMs);
  }

  usage(): Promise<{ cpuSeconds: number; peakMemoryMb: number }> {
    return this.#guarded.usage();
  }

  /** Carries one stream to the host; resolves to its length in bytes. Never rejects. */
  async #carry(stream: 'stdout' | 'stderr', clock: Clock): Promise<number> {
    const { ended, [stream]: source } = this.#guarded;
    const write = (text: string) => this.#record(stream, text);
    const pumped = pumpOutput({ stream: source, write, ended, clock });
    return pumped.catch((error: unknown) => {
      this.#refuse(error);
      return 0;
    });
  }

  #refuse(error: unknown): void {
    this.#refusal ??= { error };
    void this.#guarded.stop(UNRECORDED_GRACE_MS);
  }

  /** Hands text to the host. Where that refuses, the run ends: what it does could not be told any more. */
  async #record(stream: 'stdout' | 'stderr', text: string): Promise<void> {
    if (this.#refusal) return;
    try {
      await this.#host.emit({ type: 'output', stream, text });
    } catch (error) {
      return this.#refuse(error);
    }
    if (stream === 'stdout') this.#keepTail(this.#tailRedactor.push(text));
  }

  #keepTail(text: string): void {
    this.#tail = (this.#tail + text).slice(-RESULT_TAIL_LENGTH);
  }

  async #conclude(pumped: Promise<[number, number]>): Promise<RunOutcome> {
    const [end, [stdout, stderr]] = await Promise.all([this.#guarded.ended, pumped]);
    await this.#reportLeftOvers(end);
    this.#keepTail(this.#tailRedactor.end());
    return {
      ...this.#verdict(end),
      exitCode: end.exitCode,
      signal: end.signal,
      result: {
        outputTail: this.#tail.toWellFormed(),
        outputBytes: { stdout, stderr },
        processesLeftBehind: end.leftBehind,
      },
    };
  }

  async #reportLeftOvers({ leftBehind, beyondReach }: ProcessEnd): Promise<void> {
    if (this.#refusal || (leftBehind === 0 && beyondReach === 0)) return;
    const detail = { ended: leftBehind, beyondReach };
    await this.#host.emit({ type: 'status', phase: 'processes_left_behind', detail }).catch((error: unknown) => {
      this.#refusal = { error };
    });
  }

  #verdict(end: ProcessEnd): Pick<RunOutcome, 'status' | 'error'> {
    if (!this.#refusal) return exitOutcome(end, this.#spec.limits);
    const { error } = this.#refusal;
    const message = error instanceof Error ? error.message : String(error);
    // Whoever took the claim decides about the session; any other reason may have passed at the next attempt.
    const lost = SignalboxError.is(error, 'CLAIM_LOST');
    return {
      status: 'failed',
      error: { name: lost ? 'CLAIM_LOST' : 'OUTPUT_NOT_RECORDED', message, retryable: !lost },
    };
  }
}
