import type { BigIntStats } from 'node:fs';

/**
 * Ticks of file times are coarser than they look: a file written again within this many nanoseconds of being hashed may
 * keep its times. Such an entry is not trusted (git calls it racy).
 */
const RACY_NS = 50_000_000n;

export interface CachedFile {
  /** Object id of the content. */
  oid: string;
  /** `100644`, `100755` or `120000`. */
  mode: string;
}

interface Entry extends CachedFile {
  fingerprint: string;
  changedNs: bigint;
  hashedNs: bigint;
}

/** Remembers which content a path had, as long as its size, times, inode and mode stay. */
export class StatCache {
  #entries = new Map<string, Entry>();

  lookup(path: string, facts: BigIntStats): CachedFile | null {
    const entry = this.#entries.get(path);
    if (entry?.fingerprint !== fingerprint(facts)) return null;
    return entry.hashedNs - entry.changedNs > RACY_NS ? entry : null;
  }

  /** @param nowNs when the content was read, in nanoseconds since 1970. */
  remember(path: string, facts: BigIntStats, file: CachedFile, nowNs: bigint): void {
    // The inode's change time is never older than a write's: no program can set it back.
    this.#entries.set(path, { ...file, fingerprint: fingerprint(facts), changedNs: facts.ctimeNs, hashedNs: nowNs });
  }

  forget(path: string): void {
    this.#entries.delete(path);
  }
}

function fingerprint(facts: BigIntStats): string {
  return `${facts.size}:${facts.mtimeNs}:${facts.ctimeNs}:${facts.ino}:${facts.mode}`;
}
