import {
  type Clock,
  type Ids,
  type RunHandle,
  type RunHost,
  type RunSpec,
  type Runtime,
  type RuntimeAvailability,
  SignalboxError,
} from '@signalbox/core';
import { describeLimits, inheritedEnvironment, startGuardedProcess } from '../process/index.ts';
import { commandEnvironment } from './command-environment.ts';
import { CommandRun } from './command-run.ts';

export interface CommandRuntimeOptions {
  clock: Clock;
  ids: Ids;
  /** What runs inherit; our own environment without our own settings unless given. */
  environment?: Readonly<Record<string, string>>;
}

const RUNTIME = 'command';

/** The runtime that executes any program in a workspace: its output becomes the journal, its exit code the outcome. */
export function createCommandRuntime(options: CommandRuntimeOptions): Runtime {
  return {
    name: RUNTIME,
    check: () => check(options),
    start: (spec, host) => start(options, spec, host),
  };
}

async function start(options: CommandRuntimeOptions, spec: RunSpec, host: RunHost): Promise<RunHandle> {
  if (!spec.command || spec.command.length === 0) {
    throw new SignalboxError('RUNTIME_FAILED', { runtime: RUNTIME, reason: 'the session names no command' });
  }
  const guarded = await startGuardedProcess({
    runtime: RUNTIME,
    runId: options.ids.uuid(),
    argv: spec.command,
    cwd: spec.workspacePath,
    environment: commandEnvironment(spec, options.environment ?? inheritedEnvironment()),
    stdin: 'pipe',
    limits: spec.limits,
    adviceIfMissing: 'Install it, or give its full path.',
  });
  return new CommandRun(guarded, spec, host, options.clock);
}

/** Runs a program that does nothing the way sessions are run: what this machine lacks shows there. */
async function check(options: CommandRuntimeOptions): Promise<RuntimeAvailability> {
  try {
    const guarded = await startGuardedProcess({
      runtime: RUNTIME,
      runId: options.ids.uuid(),
      argv: [process.execPath, '--version'],
      cwd: '/',
      environment: {},
      stdin: 'empty',
      limits: { cpuCores: null, memoryMb: null },
      adviceIfMissing: 'Install Node again.',
    });
    guarded.stdout.resume();
    guarded.stderr.resume();
    const end = await guarded.ended;
    if (end.exitCode === 0) return { available: true, version: null, detail: describeLimits().reason };
    return {
      available: false,
      reason: `a trial run ended with ${end.signal ?? `exit code ${end.exitCode}`}`,
      advice: 'Run `signalbox doctor`.',
    };
  } catch (error) {
    const { reason, advice } = SignalboxError.is(error) ? error.details : {};
    return {
      available: false,
      reason: String(reason ?? (error instanceof Error ? error.message : error)),
      advice: String(advice ?? 'Signalbox needs `mkfifo` in its PATH, and leave to start processes.'),
    };
  }
}
