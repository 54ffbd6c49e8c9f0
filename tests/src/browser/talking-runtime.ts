import type { RunHandle, RunHost, RunOutcome, RunSpec, Runtime } from '@signalbox/core';

/** A runtime whose agent says what a test makes it say, piece by piece: what a model's stream is to the server. */
export class TalkingRuntime implements Runtime {
  readonly name = 'opencode';
  #host: RunHost | null = null;
  #end: ((outcome: RunOutcome) => void) | null = null;

  check() {
    return Promise.resolve({ available: true, version: 'test', detail: 'Says what a test makes it say.' } as const);
  }

  start(_spec: RunSpec, host: RunHost): Promise<RunHandle> {
    this.#host = host;
    const done = new Promise<RunOutcome>((resolve) => {
      this.#end = resolve;
    });
    const end = (status: RunOutcome['status']) =>
      this.#end?.({ status, exitCode: 0, signal: null, error: null, result: {} });
    return Promise.resolve({
      done,
      runtimeSession: () => null,
      pause: () => Promise.resolve(),
      resume: () => Promise.resolve(),
      stop: () => Promise.resolve(end('stopped')),
      usage: () => Promise.resolve({ cpuSeconds: null, peakMemoryMb: null }),
    });
  }

  /** Whether a run is under way. */
  get running(): boolean {
    return this.#host !== null;
  }

  /** Streams a piece of a message, or says all of it (`final`). */
  say(messageId: string, text: string, final = false): Promise<void> {
    if (this.#host === null) throw new Error('nothing runs');
    return this.#host.emit({ type: 'message', role: 'assistant', messageId, text, final });
  }

  finish(): void {
    this.#end?.({ status: 'completed', exitCode: 0, signal: null, error: null, result: {} });
  }
}
