import type { ProcessEntry, ProcessTable } from './process-table.ts';

/** Every process of a run finds the run's id under this name in its environment, and is found by it. */
export const RUN_ID_VARIABLE = 'SIGNALBOX_RUN_ID';
/** And those of one part of it, as of one tool call, the part's mark under this one. */
export const PART_VARIABLE = 'SIGNALBOX_RUN_PART';

export interface Look {
  /** The live processes of the run. */
  members: ProcessEntry[];
  /**
   * Whether nothing can have been missed. A process that was starting or ending while we looked leaves that open: it may
   * belong, or have started one that does.
   */
  conclusive: boolean;
}

export interface TreeMembershipOptions {
  runId: string;
  /** The variable that holds the id, where it is a part of the run that is looked for. Default: {@link RUN_ID_VARIABLE}. */
  variable?: string;
  table: ProcessTable;
  /** Further sources of members, a control group's list for one. */
  extraMembers?: () => readonly number[];
}

/**
 * Tells which processes belong to a run: those that carry its id in their environment, descend from one that belongs, live
 * in a session opened by one that belonged, or were seen belonging before. So neither `setsid`, a double fork nor an
 * emptied environment alone leads out. The process that looks is never part of it.
 */
export class TreeMembership {
  readonly #runId: string;
  readonly #variable: string;
  readonly #table: ProcessTable;
  readonly #extraMembers: () => readonly number[];
  /** Members by pid, with the start time that makes the number unique. */
  #members = new Map<number, ProcessEntry>();
  /** Sessions in which a member was seen. A session's number stays taken as long as a process lives in it. */
  readonly #sessions = new Set<number>();
  /** Processes known not to belong, by pid with their start time. */
  #foreign = new Map<number, string>();
  /** What the last look left open: processes whose environment could not be seen, and those that were gone. */
  #unseen = new Map<number, string>();
  #gone: ReadonlySet<number> = new Set<number>();

  constructor(options: TreeMembershipOptions) {
    this.#runId = options.runId;
    this.#variable = options.variable ?? RUN_ID_VARIABLE;
    this.#table = options.table;
    this.#extraMembers = options.extraMembers ?? (() => []);
  }

  /** The run's own first process, known from its start on. */
  adopt(pid: number): void {
    const entry = this.#table.list(new Set()).entries.find((candidate) => candidate.pid === pid);
    if (entry) this.#include(entry, this.#members);
  }

  /**
   * Looks at the machine.
   *
   * @param kind `quick` does not look again at processes of others, or at zombies, that were seen before: enough for
   * sampling, since only the reuse of a number within seconds could hide a member, and the next thorough look finds it.
   */
  look(kind: 'quick' | 'thorough'): Look {
    const skip = new Set([process.pid, ...(kind === 'quick' ? [...this.#foreign.keys(), ...this.#gone] : [])]);
    const { entries, gone } = this.#table.list(skip);
    const found = new Map<number, ProcessEntry>();
    const candidates: ProcessEntry[] = [];
    for (const entry of entries) {
      if (this.#members.get(entry.pid)?.started === entry.started) this.#include(entry, found);
      else candidates.push(entry);
    }
    const unseen = this.#includeMarked(candidates, found);
    this.#includeRelated(entries, candidates, found);

    // A stranger's end is none of our business, and a zombie may lie there for long: each counts once.
    const newlyGone = gone.some((pid) => !this.#gone.has(pid) && !this.#foreign.has(pid));
    const newlyUnseen = candidates.filter(({ pid }) => unseen.has(pid) && !found.has(pid));
    this.#gone = new Set(kind === 'quick' ? [...this.#gone, ...gone] : gone);
    this.#unseen = new Map(newlyUnseen.map((entry) => [entry.pid, entry.started]));
    this.#members = found;
    this.#rememberForeign(kind, entries, candidates);
    return { members: [...found.values()], conclusive: !newlyGone && newlyUnseen.length === 0 };
  }

  /** Includes those that carry the run's id. Returns those of which it cannot be told yet. */
  #includeMarked(candidates: readonly ProcessEntry[], found: Map<number, ProcessEntry>): Set<number> {
    const unread = candidates.filter((entry) => this.#foreign.get(entry.pid) !== entry.started);
    const pids = unread.map((entry) => entry.pid);
    const marks = this.#table.marks(pids, this.#variable, this.#runId);
    const listed = new Set(this.#extraMembers());
    const unseen = new Set<number>();
    for (const entry of candidates) {
      const mark = marks.get(entry.pid);
      if (mark === 'marked' || listed.has(entry.pid)) this.#include(entry, found);
      // Without an environment for two looks: it was started with none.
      else if (mark === 'unknown' && this.#unseen.get(entry.pid) !== entry.started) unseen.add(entry.pid);
    }
    return unseen;
  }

  /** Adds descendants and housemates of what was found until nothing more turns up. */
  #includeRelated(
    entries: readonly ProcessEntry[],
    candidates: readonly ProcessEntry[],
    found: Map<number, ProcessEntry>,
  ): void {
    const live = new Set(entries.map((entry) => entry.pid));
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
  #sharesSession(entry: ProcessEntry, live: ReadonlySet<number>, found: Map<number, ProcessEntry>): boolean {
    if (!this.#sessions.has(entry.session)) return false;
    const led = live.has(entry.session) || this.#foreign.has(entry.session);
    return !led || found.has(entry.session);
  }

  #rememberForeign(kind: 'quick' | 'thorough', entries: ProcessEntry[], candidates: ProcessEntry[]): void {
    if (kind === 'thorough') {
      this.#foreign = new Map();
      const inUse = new Set(entries.map((entry) => entry.session));
      for (const session of this.#sessions) if (!inUse.has(session)) this.#sessions.delete(session);
    }
    for (const { pid, started } of candidates) {
      if (!this.#members.has(pid) && !this.#unseen.has(pid)) this.#foreign.set(pid, started);
    }
  }

  #include(entry: ProcessEntry, into: Map<number, ProcessEntry>): void {
    into.set(entry.pid, entry);
    this.#sessions.add(entry.session);
    this.#foreign.delete(entry.pid);
  }
}
