import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessEntry, ProcessTable } from './process-table.ts';
import { TreeUsage, type UsageSample } from './tree-usage.ts';

/** Every process of a run finds the run's id under this name in its environment, and is found by it. */
export const RUN_ID_VARIABLE = 'SIGNALBOX_RUN_ID';

/** How many times a tree that forks while it is being frozen is looked at again; each round stops whole groups at once. */
const FREEZE_ROUNDS = 50;
const FREEZE_PAUSE_MS = 2;
/** First and longest pause between two looks at a tree that is ending. */
const END_POLL_MS = { first: 10, longest: 200 } as const;

export interface ProcessTreeOptions {
  runId: string;
  table: ProcessTable;
  /** Further sources of members, a control group's list for one. */
  extraMembers?: () => readonly number[];
}

/**
 * All processes of one run. A process belongs to it when it carries the run's id in its environment, descends from one
 * that belongs, lives in a session opened by one that belonged, or was seen belonging before: so neither `setsid`, a double
 * fork nor an emptied environment alone leads out. The process that looks is never part of it.
 */
export class ProcessTree {
  readonly #runId: string;
  readonly #table: ProcessTable;
  readonly #extraMembers: () => readonly number[];
  readonly #usage = new TreeUsage();
  /** Members by pid, with the start time that makes the number unique. */
  #members = new Map<number, ProcessEntry>();
  /** Sessions in which a member was seen. A session's number stays taken as long as a process lives in it. */
  readonly #sessions = new Set<number>();
  /** Processes known not to belong, by pid with their start time. */
  #foreign = new Map<number, string>();
  /** Members that we are not allowed to signal (a program that became another user). */
  readonly #beyondReach = new Set<number>();
  /** When, on the monotonic clock, patience with an ending tree runs out. */
  #killAt = Number.POSITIVE_INFINITY;
  #ending: Promise<number> | null = null;

  constructor(options: ProcessTreeOptions) {
    this.#runId = options.runId;
    this.#table = options.table;
    this.#extraMembers = options.extraMembers ?? (() => []);
  }

  /** The run's own first process, known from its start on. */
  adopt(pid: number): void {
    const entry = this.#table.list(new Set()).find((candidate) => candidate.pid === pid);
    if (entry) this.#include(entry, this.#members);
  }

  /**
   * The live processes of the run now.
   *
   * @param look `quick` does not look again at processes of others that were seen before: enough for sampling, since only
   * the reuse of a number within seconds could hide a member, and the next thorough look finds it.
   */
  members(look: 'quick' | 'thorough' = 'thorough'): ProcessEntry[] {
    const skip = new Set([process.pid, ...(look === 'quick' ? this.#foreign.keys() : [])]);
    const live = this.#table.list(skip);
    const byPid = new Map(live.map((entry) => [entry.pid, entry]));
    const found = new Map<number, ProcessEntry>();
    const undecided: ProcessEntry[] = [];
    for (const entry of live) {
      if (this.#members.get(entry.pid)?.started === entry.started) this.#include(entry, found);
      else undecided.push(entry);
    }
    const unread = undecided
      .filter((entry) => this.#foreign.get(entry.pid) !== entry.started)
      .map((entry) => entry.pid);
    const marked = this.#table.carriers(unread, RUN_ID_VARIABLE, this.#runId);
    for (const pid of this.#extraMembers()) marked.add(pid);
    for (const entry of undecided) if (marked.has(entry.pid)) this.#include(entry, found);
    this.#includeRelated(undecided, byPid, found);

    if (look === 'thorough') {
      this.#foreign = new Map(undecided.filter((e) => !found.has(e.pid)).map((e) => [e.pid, e.started]));
      const inUse = new Set(live.map((entry) => entry.session));
      for (const session of this.#sessions) if (!inUse.has(session)) this.#sessions.delete(session);
    } else {
      for (const entry of undecided) if (!found.has(entry.pid)) this.#foreign.set(entry.pid, entry.started);
    }
    this.#members = found;
    const members = [...found.values()];
    this.#usage.record(members);
    return members;
  }

  /** How many members could not be signalled for want of rights. They are no longer waited for. */
  get beyondReach(): number {
    return this.#beyondReach.size;
  }

  /** What the tree used so far; `reapedByUs` are the CPU seconds of children that the looking process waited for. */
  usage(reapedByUs: number): UsageSample {
    return this.#usage.total(reapedByUs);
  }

  /** Memory of the members of the last look, with shared pages counted once where the system tells, else as resident. */
  exactMemoryBytes(): number {
    const members = [...this.#members.values()];
    const proportional = this.#table.proportionalBytes(members.map((entry) => entry.pid));
    return proportional ?? members.reduce((sum, entry) => sum + entry.residentBytes, 0);
  }

  /** Stops every member from running (SIGSTOP), looking again until none runs. */
  async freeze(): Promise<void> {
    for (let round = 0; round < FREEZE_ROUNDS; round++) {
      const running = this.#reachable().filter((entry) => !entry.stopped);
      if (running.length === 0) return;
      // A whole group at once: a tree that forks faster than we can list it is held all the same.
      for (const group of new Set(running.map((entry) => entry.group))) this.#send(-group, 'SIGSTOP');
      await sleep(FREEZE_PAUSE_MS);
    }
  }

  /** Lets every stopped member run again (SIGCONT). */
  thaw(): void {
    for (const entry of this.#reachable()) this.#send(entry.pid, 'SIGCONT');
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
      const left = this.#reachable();
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
      const left = this.#reachable();
      if (left.length === 0) return asked.size;
      for (const { pid } of left) {
        asked.add(pid);
        this.#send(pid, 'SIGKILL');
      }
      await sleep(pause);
    }
  }

  /**
   * The members that we may signal. None at all is believed only when seen twice: a child born while its parent ended
   * can slip through one reading of the list.
   */
  #reachable(): ProcessEntry[] {
    for (let look = 1; ; look++) {
      const members = this.members().filter((entry) => !this.#beyondReach.has(entry.pid));
      if (members.length > 0 || look === 2) return members;
    }
  }

  /** Adds descendants and housemates of what was found until nothing more turns up. */
  #includeRelated(
    candidates: readonly ProcessEntry[],
    live: Map<number, ProcessEntry>,
    found: Map<number, ProcessEntry>,
  ) {
    for (let grown = true; grown; ) {
      grown = false;
      for (const entry of candidates) {
        if (found.has(entry.pid)) continue;
        if (!found.has(entry.parent) && !this.#sharesSession(entry, live, found)) continue;
        this.#include(entry, found);
        grown = true;
      }
    }
  }

  /** In one of our sessions; where its leader lives and is not ours, the number was taken over by a stranger. */
  #sharesSession(entry: ProcessEntry, live: Map<number, ProcessEntry>, found: Map<number, ProcessEntry>): boolean {
    if (!this.#sessions.has(entry.session)) return false;
    const led = live.has(entry.session) || this.#foreign.has(entry.session);
    return !led || found.has(entry.session);
  }

  #include(entry: ProcessEntry, into: Map<number, ProcessEntry>): void {
    into.set(entry.pid, entry);
    this.#sessions.add(entry.session);
    this.#foreign.delete(entry.pid);
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
