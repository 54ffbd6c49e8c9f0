import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessEntry, ProcessTable } from './process-table.ts';
import { TreeMembership, type TreeMembershipOptions } from './tree-membership.ts';
import { TreeUsage, type UsageSample } from './tree-usage.ts';

/** How many times a tree that forks while it is being frozen is looked at again; each round stops whole groups at once. */
const FREEZE_ROUNDS = 50;
const FREEZE_PAUSE_MS = 2;
/** First and longest pause between two looks at a tree that is ending. */
const END_POLL_MS = { first: 10, longest: 200 } as const;
/** Conclusive looks in a row without a member until the tree is taken for gone. */
const EMPTY_LOOKS = 2;
/** Inconclusive looks until a machine on which processes never cease to come and go is believed all the same. */
const MOST_LOOKS = 100;
const LOOK_PAUSE_MS = 2;

/** All processes of one run, as far as {@link TreeMembership} finds them: to be measured, halted and ended as one. */
export class ProcessTree {
  readonly #table: ProcessTable;
  readonly #membership: TreeMembership;
  readonly #usage = new TreeUsage();
  #members: readonly ProcessEntry[] = [];
  /** Members that we are not allowed to signal (a program that became another user). */
  readonly #beyondReach = new Set<number>();
  /** When, on the monotonic clock, patience with an ending tree runs out. */
  #killAt = Number.POSITIVE_INFINITY;
  #ending: Promise<number> | null = null;

  constructor(options: TreeMembershipOptions) {
    this.#table = options.table;
    this.#membership = new TreeMembership(options);
  }

  /** The run's own first process, known from its start on. */
  adopt(pid: number): void {
    this.#membership.adopt(pid);
  }

  /** The live processes of the run, by one look; see {@link TreeMembership.look}. */
  members(kind: 'quick' | 'thorough' = 'thorough'): readonly ProcessEntry[] {
    this.#look(kind);
    return this.#members;
  }

  /** How many members could not be signalled for want of rights. They are no longer waited for. */
  get beyondReach(): number {
    return this.#beyondReach.size;
  }

  /** How many live processes there are; that there are none is believed only after looks that can have missed nothing. */
  async count(): Promise<number> {
    return (await this.#reachable()).length;
  }

  /** What the tree used so far; `reapedByUs` are the CPU seconds of children that the looking process waited for. */
  usage(reapedByUs: number): UsageSample {
    return this.#usage.total(reapedByUs);
  }

  /** Memory of the members of the last look, with shared pages counted once where the system tells, else as resident. */
  exactMemoryBytes(): number {
    const proportional = this.#table.proportionalBytes(this.#members.map((entry) => entry.pid));
    return proportional ?? this.#members.reduce((sum, entry) => sum + entry.residentBytes, 0);
  }

  /** Stops every member from running (SIGSTOP), looking again until none runs. */
  async freeze(): Promise<void> {
    for (let round = 0; round < FREEZE_ROUNDS; round++) {
      const running = (await this.#reachable()).filter((entry) => !entry.stopped);
      if (running.length === 0) return;
      // A whole group at once: a tree that forks faster than we can list it is held all the same.
      for (const group of new Set(running.map((entry) => entry.group))) this.#send(-group, 'SIGSTOP');
      await sleep(FREEZE_PAUSE_MS);
    }
  }

  /** Lets every member run again (SIGCONT). */
  thaw(): void {
    for (const entry of this.members()) this.#send(entry.pid, 'SIGCONT');
  }

  /**
   * Ends every member: SIGTERM (stopped ones are let go on, to hear it), `graceMs` to comply, then SIGKILL to what is left,
   * frozen first so that nothing forks its way out. Called again meanwhile it can only shorten the grace.
   *
   * @returns when nothing of the tree is left, how many processes were ended.
   */
  end(graceMs: number): Promise<number> {
    this.#killAt = Math.min(this.#killAt, performance.now() + graceMs);
    this.#ending ??= this.#endAll();
    return this.#ending;
  }

  async #endAll(): Promise<number> {
    const asked = new Set<number>();
    for (let pause: number = END_POLL_MS.first; performance.now() < this.#killAt; pause = longer(pause)) {
      const left = await this.#reachable();
      if (left.length === 0) return asked.size;
      for (const { pid } of left.filter((entry) => !asked.has(entry.pid))) {
        asked.add(pid);
        this.#send(pid, 'SIGTERM');
        this.#send(pid, 'SIGCONT');
      }
      await sleep(Math.max(0, Math.min(pause, this.#killAt - performance.now())));
    }
    for (let pause: number = END_POLL_MS.first; ; pause = longer(pause)) {
      await this.freeze();
      const left = await this.#reachable();
      if (left.length === 0) return asked.size;
      for (const { pid } of left) {
        asked.add(pid);
        this.#send(pid, 'SIGKILL');
      }
      await sleep(pause);
    }
  }

  /**
   * The members that we may signal. That there are none is believed only after looks that can have missed nothing: a
   * process that starts its successor and ends is easily overlooked in between.
   */
  async #reachable(): Promise<ProcessEntry[]> {
    for (let looks = 0, empty = 0; looks < MOST_LOOKS && empty < EMPTY_LOOKS; looks++) {
      const conclusive = this.#look('thorough');
      const members = this.#members.filter((entry) => !this.#beyondReach.has(entry.pid));
      if (members.length > 0) return members;
      empty = conclusive ? empty + 1 : 0;
      await sleep(LOOK_PAUSE_MS);
    }
    return [];
  }

  /** Returns whether nothing can have been missed. */
  #look(kind: 'quick' | 'thorough'): boolean {
    const { members, conclusive } = this.#membership.look(kind);
    this.#members = members;
    this.#usage.record(members);
    return conclusive;
  }

  /** Signals a process, or with a negative number its group. */
  #send(target: number, signal: NodeJS.Signals): void {
    try {
      process.kill(target, signal);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ESRCH') return; // it ended meanwhile, which is what we are after
      if (code !== 'EPERM') throw error;
      // A group is refused only as a whole; its members are then asked one by one.
      if (target > 0) this.#beyondReach.add(target);
    }
  }
}

function longer(pause: number): number {
  return Math.min(pause * 1.5, END_POLL_MS.longest);
}
