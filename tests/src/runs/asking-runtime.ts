import type {
  PermissionRequest,
  RunHandle,
  RunHost,
  RunOutcome,
  RunSpec,
  Runtime,
  ToolCall,
  ToolDecision,
} from '@signalbox/core';

/** What one run of a session did. */
export interface AskedRun {
  prompt: string;
  decisions: (ToolDecision | 'allow' | 'deny')[];
  /** How often its processes were frozen. */
  pauses: number;
}

/** A runtime whose agent makes the given calls, or asks for the given permissions, one after the other, and does as it is told about each. */
export class AskingRuntime implements Runtime {
  readonly name = 'opencode';
  readonly runs = new Map<string, AskedRun[]>();
  readonly #calls: (spec: RunSpec) => readonly (ToolCall | PermissionRequest)[];

  constructor(calls: (spec: RunSpec) => readonly (ToolCall | PermissionRequest)[]) {
    this.#calls = calls;
  }

  check() {
    return Promise.resolve({ available: true, version: 'test', detail: 'Makes the calls of a test.' } as const);
  }

  start(spec: RunSpec, host: RunHost): Promise<RunHandle> {
    let thawed = Promise.withResolvers<void>();
    thawed.resolve();
    const run: AskedRun = { prompt: spec.prompt, decisions: [], pauses: 0 };
    this.runs.set(spec.sessionId, [...(this.runs.get(spec.sessionId) ?? []), run]);
    const { promise: done, resolve } = Promise.withResolvers<RunOutcome>();
    const end = (status: RunOutcome['status'], error: RunOutcome['error'] = null) =>
      resolve({ status, exitCode: 0, signal: null, error, result: {} });
    const work = async () => {
      for (const call of this.#calls(spec)) {
        await thawed.promise;
        if ('permissionId' in call) {
          run.decisions.push(await host.permission(call));
          continue;
        }
        const decision = await host.toolBefore(call);
        run.decisions.push(decision);
        if (decision.decision === 'allow')
          await host.toolAfter(call, { status: 'completed', output: '', title: null, metadata: {} });
      }
    };
    work().then(
      () => end('completed'),
      (error: Error) => end('failed', { name: error.name, message: error.message, retryable: false }),
    );
    return Promise.resolve({
      done,
      runtimeSession: () => null,
      pause: async () => {
        run.pauses += 1;
        thawed = Promise.withResolvers<void>();
      },
      resume: async () => thawed.resolve(),
      stop: () => Promise.resolve(end('stopped')),
      usage: () => Promise.resolve({ cpuSeconds: null, peakMemoryMb: null }),
    });
  }
}
