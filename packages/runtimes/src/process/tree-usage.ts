import type { ProcessEntry } from './process-table.ts';

export interface UsageSample {
  cpuSeconds: number;
  /** The most memory the tree was seen to hold at once, in bytes (resident, shared pages counted for each process). */
  peakBytes: number;
}

/**
 * Adds up what a tree uses from successive looks at it. CPU time of a process that ended is in its parent's account when
 * the parent waited for it; else what it had used when last seen is kept here.
 */
export class TreeUsage {
  #last = new Map<number, ProcessEntry>();
  #lostCpuSeconds = 0;
  #liveCpuSeconds = 0;
  #peakBytes = 0;
  #highestTotal = 0;

  /** Takes note of the tree's live members. */
  record(members: readonly ProcessEntry[]): void {
    const now = new Map(members.map((entry) => [entry.pid, entry]));
    for (const [pid, before] of this.#last) {
      if (now.get(pid)?.started === before.started) continue;
      const parent = now.get(before.parent);
      const inParentsAccount = before.parent === process.pid || (parent && parent.reapedCpuSeconds !== null);
      if (!inParentsAccount || before.reapedCpuSeconds === null) this.#lostCpuSeconds += cpuOf(before);
    }
    this.#last = now;
    this.#liveCpuSeconds = members.reduce((sum, entry) => sum + cpuOf(entry), 0);
    this.#peakBytes = Math.max(
      this.#peakBytes,
      members.reduce((sum, entry) => sum + entry.residentBytes, 0),
    );
  }

  /** The sum so far. It never falls, though a process between death and being waited for is in nobody's account. */
  total(reapedByUs: number): UsageSample {
    this.#highestTotal = Math.max(this.#highestTotal, this.#liveCpuSeconds + this.#lostCpuSeconds + reapedByUs);
    return { cpuSeconds: this.#highestTotal, peakBytes: this.#peakBytes };
  }
}

function cpuOf(entry: ProcessEntry): number {
  return entry.cpuSeconds + (entry.reapedCpuSeconds ?? 0);
}
