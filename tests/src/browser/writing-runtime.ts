import type { RunHandle, RunHost, RunOutcome, RunSpec, Runtime, ToolDecision } from '@signalbox/core';

/** A runtime whose agents write the files that a test names: to the server what `write` calls of real agents are. */
export class WritingRuntime implements Runtime {
  readonly name = 'opencode';
  readonly #hosts = new Map<string, RunHost>();
  #calls = 0;

  check() {
    return Promise.resolve({ available: true, version: 'test', detail: 'Writes what a test names.' } as const);
  }

  start({ sessionId }: RunSpec, host: RunHost): Promise<RunHandle> {
    this.#hosts.set(sessionId, host);
    const { promise: done, resolve } = Promise.withResolvers<RunOutcome>();
    const end = (): Promise<void> => {
      this.#hosts.delete(sessionId);
      resolve({ status: 'stopped', exitCode: 0, signal: null, error: null, result: {} });
      return Promise.resolve();
    };
    return Promise.resolve({
      done,
      runtimeSession: () => null,
      pause: () => Promise.resolve(),
      resume: () => Promise.resolve(),
      stop: end,
      usage: () => Promise.resolve({ cpuSeconds: null, peakMemoryMb: null }),
    });
  }

  /** Whether a session's agent is at work. */
  runs(sessionId: string): boolean {
    return this.#hosts.has(sessionId);
  }

  /** A session's agent writes a file, unless it is refused. @param act what that does on the disk. */
  async write(
    sessionId: string,
    filePath: string,
    act: () => Promise<void> = () => Promise.resolve(),
  ): Promise<ToolDecision> {
    const host = this.#hosts.get(sessionId);
    if (host === undefined) throw new Error('the session does not run');
    const call = { callId: `call-${++this.#calls}`, tool: 'write', arguments: { filePath, content: 'x' } };
    const decision = await host.toolBefore(call);
    if (decision.decision === 'allow') {
      await act();
      await host.toolAfter(call, { status: 'completed', output: '', title: filePath, metadata: {} });
    }
    return decision;
  }
}
