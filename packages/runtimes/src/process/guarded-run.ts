import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CpuThrottle } from './cpu-throttle.ts';
import type { EndCause, GuardCommand, GuardMessage } from './guard-protocol.ts';
import { parseStat } from './proc-process-table.ts';
import { systemProcessTable } from './process-table.ts';
import { ProcessTree } from './process-tree.ts';
import { ownCgroup, RunCgroup } from './run-cgroup.ts';
import { PART_VARIABLE, RUN_ID_VARIABLE } from './tree-membership.ts';
import type { UsageSample } from './tree-usage.ts';

type StartCommand = Extract<GuardCommand, { kind: 'start' }>;
type Ended = Extract<GuardMessage, { kind: 'ended' }>;

/** Patience with processes that the program left behind when it ended by itself. */
const LEFT_BEHIND_GRACE_MS = 1_000;
/** How often the tree is looked at: often where limits are kept by looking, else only to know its members. */
const LOOK_EVERY_MS = { limited: 100, unlimited: 1_000 } as const;
const THOROUGH_EVERY_MS = 2_000;
/** Looking takes about one part in this many of a CPU at most; on a machine full of processes it becomes rarer instead. */
const LOOK_SHARE = 30;
/** But where limits are kept by looking, it never becomes rarer than this. */
const RAREST_LOOK_MS = 500;
const BYTES_PER_MB = 1024 * 1024;

/**
 * One run as its guard sees it: starts the program, keeps its limits, halts and ends its tree.
 *
 * States: *running*, *paused* (halted by request), *ending* (a cause is set; nothing leads back), *ended*. Orthogonal to
 * the first two, the throttle may have the tree *rest*. The tree runs exactly when it is neither paused nor resting.
 */
export class GuardedRun {
  readonly #command: StartCommand;
  readonly #tree: ProcessTree;
  /** Parts of the tree that live on, by their marks: what was seen belonging stays known until it has ended. */
  readonly #parts = new Map<string, ProcessTree>();
  readonly #cgroup: RunCgroup | null;
  readonly #throttle: CpuThrottle | null;
  readonly #memoryLimitBytes: number | null;
  readonly #exited = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<Ended>();
  #exit: { exitCode: number | null; signal: string | null } = { exitCode: null, signal: null };
  #paused = false;
  /** Whether the tree was halted and not let go on since. */
  #halted = false;
  #cause: EndCause | null = null;
  /** Halting and letting go on happen one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(command: StartCommand) {
    this.#command = command;
    this.#cgroup = makeCgroup(command);
    this.#tree = new ProcessTree({
      runId: command.runId,
      table: systemProcessTable(),
      extraMembers: () => this.#cgroup?.members() ?? [],
    });
    const { cpuCores, memoryMb } = command.limits;
    this.#throttle = cpuCores !== null && !this.#cgroup ? new CpuThrottle(cpuCores) : null;
    this.#memoryLimitBytes = memoryMb !== null && !this.#cgroup ? memoryMb * BYTES_PER_MB : null;
  }

  /** Settles when nothing of the run is left. */
  get ended(): Promise<Ended> {
    return this.#ended.promise;
  }

  get limitedBy(): 'none' | 'cgroup-v2' | 'sampled' {
    if (this.#cgroup) return 'cgroup-v2';
    return this.#throttle || this.#memoryLimitBytes !== null ? 'sampled' : 'none';
  }

  /** Starts the program; resolves to its pid. Rejects with what the system said; then nothing is left. */
  async start(): Promise<number> {
    try {
      const program = this.#spawn();
      program.once('exit', (exitCode, signal) => this.#onExit(exitCode, signal));
      await new Promise<void>((resolve, reject) => {
        program.once('spawn', resolve);
        program.once('error', reject);
      });
      if (program.pid === undefined) throw new Error('The program was started but has no process id.');
      this.#tree.adopt(program.pid);
      void this.#watch();
      return program.pid;
    } catch (error) {
      this.#cgroup?.remove();
      throw error;
    }
  }

  pause(): Promise<void> {
    this.#paused = true;
    return this.#inTurn(() => this.#applyHalt());
  }

  resume(): Promise<void> {
    this.#paused = false;
    return this.#inTurn(() => this.#applyHalt());
  }

  /** Ends the run; the first cause counts. A later call can only shorten the grace. */
  end(cause: EndCause, graceMs: number): void {
    const first = this.#cause === null;
    this.#cause ??= cause;
    const gone = this.#tree.end(graceMs);
    if (first) void this.#conclude(gone);
  }

  usage(): UsageSample {
    const usage = this.#tree.usage(reapedByThisProcess());
    return this.#cgroup ? { ...usage, cpuSeconds: this.#cgroup.cpuSeconds() } : usage;
  }

  /** Looks at the tree now, so that `usage` is fresh. */
  look(): void {
    this.#tree.members('quick');
  }

  /** How many live processes there are of the part that carries this mark. */
  async count(mark: string): Promise<number> {
    const part =
      this.#parts.get(mark) ?? new ProcessTree({ runId: mark, variable: PART_VARIABLE, table: systemProcessTable() });
    this.#parts.set(mark, part);
    const count = await part.count();
    if (count === 0) this.#parts.delete(mark);
    return count;
  }

  #spawn(): ChildProcess {
    const { argv, cwd, environment, stdin, runId } = this.#command;
    const [program = '', ...args] = argv;
    const start = () =>
      spawn(program, args, {
        cwd,
        env: { ...environment, [RUN_ID_VARIABLE]: runId },
        // A session of its own: no terminal's or group's signal reaches the program but ours.
        detached: true,
        stdio: [stdin ? 4 : 'ignore', 5, 6],
      });
    const home = ownCgroup();
    return this.#cgroup && home ? this.#cgroup.spawnInside(home.directory, start) : start();
  }

  #onExit(exitCode: number | null, signal: string | null): void {
    this.#exit = { exitCode, signal };
    this.#exited.resolve();
    this.end(this.#cgroup?.ranOutOfMemory() ? 'memory' : 'program', LEFT_BEHIND_GRACE_MS);
  }

  async #conclude(gone: Promise<number>): Promise<void> {
    const count = await gone;
    const beyondReach = this.#tree.beyondReach;
    // A program that became another user may live on; it is reported, not waited for.
    if (beyondReach === 0) await this.#exited.promise;
    const usage = this.usage();
    if (beyondReach === 0) this.#cgroup?.remove();
    const cause = this.#cause ?? 'program';
    const leftBehind = cause === 'program' ? count : 0;
    this.#ended.resolve({ kind: 'ended', cause, ...this.#exit, leftBehind, beyondReach, usage });
  }

  /** Looks at the tree again and again until it ends: to know its members, and to keep limits that no kernel keeps. */
  async #watch(): Promise<void> {
    const limited = this.#throttle || this.#memoryLimitBytes !== null;
    const every = limited ? LOOK_EVERY_MS.limited : LOOK_EVERY_MS.unlimited;
    let thoroughAt = 0;
    let lastAt = performance.now();
    let lastCpu = 0;
    while (this.#cause === null) {
      const now = performance.now();
      const cpuBefore = process.cpuUsage();
      const thorough = now >= thoroughAt;
      if (thorough) thoroughAt = now + THOROUGH_EVERY_MS;
      const members = this.#tree.members(thorough ? 'thorough' : 'quick');
      const cost = process.cpuUsage(cpuBefore);
      const resident = members.reduce((sum, entry) => sum + entry.residentBytes, 0);
      if (this.#isOverMemory(resident)) return this.end('memory', 0);
      if (this.#throttle) {
        const { cpuSeconds } = this.#tree.usage(reapedByThisProcess());
        this.#throttle.account((now - lastAt) / 1000, cpuSeconds - lastCpu);
        lastCpu = cpuSeconds;
      }
      lastAt = now;
      if (this.#throttle || this.#paused) await this.#inTurn(() => this.#applyHalt());
      const costMs = (cost.user + cost.system) / 1_000;
      await sleep(Math.max(every, Math.min(costMs * LOOK_SHARE, RAREST_LOOK_MS)));
    }
  }

  /** Resident memory counts shared pages for every process; only the exact sum decides. */
  #isOverMemory(residentBytes: number): boolean {
    const limit = this.#memoryLimitBytes;
    return limit !== null && residentBytes > limit && this.#tree.exactMemoryBytes() > limit;
  }

  /** Brings the tree into the state that pause and throttle ask for. An ending tree is left to its end. */
  async #applyHalt(): Promise<void> {
    if (this.#cause !== null) return;
    if (this.#paused || this.#throttle?.resting) {
      this.#halted = true;
      await this.#tree.freeze();
    } else if (this.#halted) {
      this.#halted = false;
      this.#tree.thaw();
    }
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(step);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

/** Null where limits are sampled, where none are set, and where the group cannot be used after all. */
function makeCgroup({ cgroupParent, runId, limits }: StartCommand): RunCgroup | null {
  const home = ownCgroup();
  if (cgroupParent === null || !home || (limits.cpuCores === null && limits.memoryMb === null)) return null;
  let group: RunCgroup | null = null;
  try {
    group = RunCgroup.create(cgroupParent, runId, limits);
    // The rights to move between groups cannot be read off anywhere: try.
    group.spawnInside(home.directory, () => undefined);
    return group;
  } catch (error) {
    // The limits still hold, by sampling; the guard reports `limitedBy: sampled`.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    group?.remove();
    return null;
  }
}

/** CPU seconds of the children that this process waited for; 0 where the system does not tell. */
function reapedByThisProcess(): number {
  if (process.platform !== 'linux') return 0;
  return parseStat(readFileSync('/proc/self/stat', 'latin1'))?.reapedCpuSeconds ?? 0;
}
