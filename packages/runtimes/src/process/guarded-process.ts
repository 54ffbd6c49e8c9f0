import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type RuntimeName, SignalboxError } from '@signalbox/core';
import { describeLimits } from './describe-limits.ts';
import { type GuardCommand, type GuardMessage, guardMessageSchema, type ProcessLimits } from './guard-protocol.ts';
import { systemProcessTable } from './process-table.ts';
import { ProcessTree } from './process-tree.ts';
import { openProgramPipes, type PipeDirection, type ProgramPipe } from './program-pipe.ts';

/** The guard's file beside this one, as source or as built. */
const GUARD_PATH = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './guard.ts' : './guard.js', import.meta.url),
);
const GUARD_NODE_OPTIONS = ['--max-old-space-size=64', '--no-warnings'];
/** How much of a broken guard's last words is kept. */
const LAST_WORDS_LENGTH = 2_000;

export interface GuardedProcessSpec {
  /** Named in errors. */
  runtime: RuntimeName;
  /** Unique to this run, attempt included; every process of the run carries it as `SIGNALBOX_RUN_ID`. */
  runId: string;
  /** Program and arguments; no shell. A program without a slash is searched in the environment's `PATH`. */
  argv: readonly string[];
  cwd: string;
  /** The whole environment; nothing is inherited (see `inheritedEnvironment`). */
  environment: Readonly<Record<string, string>>;
  /** `pipe` gives `stdin` to write to; `empty` gives the program an input that ends at once. */
  stdin: 'empty' | 'pipe';
  limits: ProcessLimits;
  /** What to do where the program is missing. */
  adviceIfMissing: string;
}

export interface ProcessUsage {
  cpuSeconds: number;
  peakMemoryMb: number;
}

export interface ProcessEnd {
  /**
   * `program`: the first process ended by itself (or by a stranger's signal); `stop`: we were asked; `memory`: over its
   * limit; `guard-lost`: the guard was killed, and the tree with it.
   */
  cause: 'program' | 'stop' | 'memory' | 'guard-lost';
  /** Of the program itself; both null where it is not known. */
  exitCode: number | null;
  signal: string | null;
  /** Processes that the program left running when it ended by itself; they were ended. */
  leftBehind: number;
  /** Processes that became another user's and could not be ended. */
  beyondReach: number;
  usage: ProcessUsage;
  /** For `guard-lost`: what is known of why. */
  detail: string | null;
}

/**
 * A program, with everything it starts, under a guard: nothing of it outlives its end, a call of `stop`, or this process.
 */
export interface GuardedProcess {
  readonly pid: number;
  /** Real pipes, so that reading slowly makes the program wait. They must be read to their end, or destroyed. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Null unless asked for. Errors (the program does not read) are the writer's to handle. */
  readonly stdin: Writable | null;
  /** How limits are applied to this run. */
  readonly limitedBy: 'none' | 'cgroup-v2' | 'sampled';
  /** Settles when nothing of the tree is left. Never rejects. Output may still wait in `stdout` and `stderr`. */
  readonly ended: Promise<ProcessEnd>;
  /** Halts every process of the tree; resolves when none runs. Does nothing after the end. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** SIGTERM to the tree, after `graceMs` SIGKILL to what is left; also while paused. Resolves with `ended`. */
  stop(graceMs: number): Promise<ProcessEnd>;
  /** What the tree used so far, or in all. */
  usage(): Promise<ProcessUsage>;
  /**
   * How many processes there are of a part of the tree: those that were started with `mark` as `SIGNALBOX_RUN_PART`, with what
   * descends from them or lives in a session of theirs. One that sheds both its environment and its parents at once is not found.
   */
  count(mark: string): Promise<number>;
}

/**
 * Starts a program under a guard.
 *
 * @throws SignalboxError `RUNTIME_UNAVAILABLE` where the program is missing or cannot be executed; `RUNTIME_FAILED` where
 * it cannot be started for another reason. Nothing is left then.
 */
export async function startGuardedProcess(spec: GuardedProcessSpec): Promise<GuardedProcess> {
  if (process.platform === 'win32') {
    throw unavailable(spec, 'Windows has no process groups', 'Run Signalbox inside WSL.');
  }
  const directory = await stat(spec.cwd).catch(() => null);
  if (!directory?.isDirectory()) throw failed(spec, `${spec.cwd} is not a directory`);

  const directions: PipeDirection[] = ['from-program', 'from-program'];
  if (spec.stdin === 'pipe') directions.push('to-program');
  const [stdout, stderr, stdin] = await openProgramPipes(directions).catch((error: Error) => {
    throw failed(spec, `its output cannot be connected (${error.message})`);
  });
  if (!stdout || !stderr) throw failed(spec, 'its output cannot be connected');
  const pipes = [stdout, stderr, ...(stdin ? [stdin] : [])];
  try {
    const guard = spawnGuard(stdout, stderr, stdin ?? null);
    const guarded = new RemoteRun(spec, guard, stdout.stream, stderr.stream, stdin?.stream ?? null);
    await guarded.started;
    return guarded;
  } catch (error) {
    for (const pipe of pipes) pipe.stream.destroy();
    throw SignalboxError.is(error) ? error : failed(spec, `its guard cannot be started (${String(error)})`);
  } finally {
    for (const pipe of pipes) closeSync(pipe.descriptor);
  }
}

function spawnGuard(stdout: ProgramPipe, stderr: ProgramPipe, stdin: ProgramPipe | null): ChildProcess {
  return spawn(process.execPath, [...GUARD_NODE_OPTIONS, GUARD_PATH], {
    // Not in the workspace, which it would keep busy; not with our environment, which may bend how Node starts.
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', stdin?.descriptor ?? 'ignore', stdout.descriptor, stderr.descriptor],
  });
}

/** The run as seen from here, through its guard's channel. */
class RemoteRun implements GuardedProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly stdin: Writable | null;
  readonly #spec: GuardedProcessSpec;
  readonly #guard: ChildProcess;
  readonly #started = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<ProcessEnd>();
  readonly #answers = new Map<number, PromiseWithResolvers<ProcessUsage | null>>();
  readonly #counts = new Map<number, PromiseWithResolvers<number>>();
  #lastRequest = 0;
  #pid = 0;
  #limitedBy: GuardedProcess['limitedBy'] = 'none';
  #over = false;
  #end: ProcessEnd | null = null;
  #lastUsage: ProcessUsage = { cpuSeconds: 0, peakMemoryMb: 0 };
  #lastWords = '';

  constructor(spec: GuardedProcessSpec, guard: ChildProcess, stdout: Socket, stderr: Socket, stdin: Socket | null) {
    this.#spec = spec;
    this.#guard = guard;
    this.stdout = stdout;
    this.stderr = stderr;
    this.stdin = stdin;
    guard.on('message', (message) => this.#receive(guardMessageSchema.parse(message)));
    guard.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_LENGTH);
    });
    guard.once('error', (error) => this.#started.reject(failed(spec, `its guard cannot be started: ${error.message}`)));
    guard.once('close', (code, signal) => void this.#onGuardClosed(code, signal));
    this.#tell({
      kind: 'start',
      runId: spec.runId,
      argv: spec.argv,
      cwd: spec.cwd,
      environment: spec.environment,
      limits: spec.limits,
      cgroupParent: describeLimits().cgroupParent,
      stdin: stdin !== null,
    });
  }

  get started(): Promise<void> {
    return this.#started.promise;
  }

  get pid(): number {
    return this.#pid;
  }

  get limitedBy(): GuardedProcess['limitedBy'] {
    return this.#limitedBy;
  }

  get ended(): Promise<ProcessEnd> {
    return this.#ended.promise;
  }

  async pause(): Promise<void> {
    await this.#ask('pause');
  }

  async resume(): Promise<void> {
    await this.#ask('resume');
  }

  stop(graceMs: number): Promise<ProcessEnd> {
    this.#tell({ kind: 'stop', graceMs });
    return this.ended;
  }

  async usage(): Promise<ProcessUsage> {
    return (await this.#ask('usage')) ?? this.#end?.usage ?? this.#lastUsage;
  }

  async count(mark: string): Promise<number> {
    if (this.#over) return 0;
    const id = ++this.#lastRequest;
    const counted = Promise.withResolvers<number>();
    this.#counts.set(id, counted);
    this.#tell({ kind: 'count', id, mark });
    return counted.promise;
  }

  /** Null when the run is over before the answer. */
  #ask(kind: 'pause' | 'resume' | 'usage'): Promise<ProcessUsage | null> {
    if (this.#over) return Promise.resolve(null);
    const id = ++this.#lastRequest;
    const answer = Promise.withResolvers<ProcessUsage | null>();
    this.#answers.set(id, answer);
    this.#tell({ kind, id });
    return answer.promise;
  }

  #tell(command: GuardCommand): void {
    // A channel that breaks now is noticed by `close`, where everything waiting is settled.
    if (this.#guard.connected) this.#guard.send(command, () => undefined);
  }

  #receive(message: GuardMessage): void {
    if (message.kind === 'started') {
      this.#pid = message.pid;
      this.#limitedBy = message.limitedBy;
      this.#started.resolve();
    } else if (message.kind === 'refused') {
      this.#started.reject(refusal(this.#spec, message));
    } else if (message.kind === 'answer') {
      const usage = message.usage && inMb(message.usage);
      this.#lastUsage = usage ?? this.#lastUsage;
      this.#answers.get(message.id)?.resolve(usage);
      this.#answers.delete(message.id);
    } else if (message.kind === 'counted') {
      this.#counts.get(message.id)?.resolve(message.processes);
      this.#counts.delete(message.id);
    } else {
      const { kind: _, usage, ...end } = message;
      this.#conclude({ ...end, usage: inMb(usage), detail: null });
    }
  }

  /** The guard is gone. Unless it reported the end before, it was killed: what it guarded is ended from here. */
  async #onGuardClosed(code: number | null, signal: string | null): Promise<void> {
    this.#started.reject(failed(this.#spec, `its guard ended early (${signal ?? code}) ${this.#lastWords}`.trim()));
    if (this.#over) return;
    const tree = new ProcessTree({ runId: this.#spec.runId, table: systemProcessTable() });
    if (this.#pid) tree.adopt(this.#pid);
    await tree.end(0);
    this.#conclude({
      cause: 'guard-lost',
      exitCode: null,
      signal: null,
      leftBehind: 0,
      beyondReach: tree.beyondReach,
      usage: this.#lastUsage,
      detail: `guard ended by ${signal ?? `exit code ${code}`} ${this.#lastWords}`.trim(),
    });
  }

  #conclude(end: ProcessEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#end = end;
    for (const answer of this.#answers.values()) answer.resolve(null);
    this.#answers.clear();
    for (const counted of this.#counts.values()) counted.resolve(0);
    this.#counts.clear();
    this.#ended.resolve(end);
  }
}

function inMb({ cpuSeconds, peakBytes }: { cpuSeconds: number; peakBytes: number }): ProcessUsage {
  return { cpuSeconds, peakMemoryMb: peakBytes / (1024 * 1024) };
}

/** What a failed start means to the user: a missing program is something to install, the rest is something to report. */
function refusal(spec: GuardedProcessSpec, { code, message }: { code: string; message: string }): SignalboxError {
  const program = spec.argv[0] ?? '';
  switch (code) {
    case 'ENOENT':
      return unavailable(spec, `the program "${program}" was not found`, spec.adviceIfMissing);
    case 'EACCES':
    case 'ENOEXEC':
    case 'EISDIR':
      return unavailable(spec, `"${program}" cannot be executed (${code})`, 'Give a program, and make it executable.');
    case 'E2BIG':
      return failed(spec, 'its arguments and environment together are too long for the system');
    default:
      return failed(spec, message);
  }
}

function unavailable(spec: GuardedProcessSpec, reason: string, advice: string): SignalboxError {
  return new SignalboxError('RUNTIME_UNAVAILABLE', { runtime: spec.runtime, reason, advice });
}

function failed(spec: GuardedProcessSpec, reason: string): SignalboxError {
  return new SignalboxError('RUNTIME_FAILED', { runtime: spec.runtime, reason });
}
