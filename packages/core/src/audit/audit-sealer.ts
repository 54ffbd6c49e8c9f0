import type { Clock } from '../platform/clock/clock.ts';
import { type Database, outsideTransaction } from '../platform/database/index.ts';
import { headOf, makeLeaf, makeSeal, rootOf, rowDigest, type SealHead, type SealKey } from './seal.ts';
import { insertSeal, lastSeal, lockChain, placeRows, unsealedProjects, unsealedRows } from './seal-store.ts';

export interface AuditSealerOptions {
  database: Database;
  clock: Clock;
  key: SealKey;
  /** Keeps the head outside the database (log, file); without that, rows cut off the chain's end are not missed. */
  keepHead: (head: SealHead) => Promise<void> | void;
  /** Told of what went wrong; the next tick tries again. */
  onError: (error: unknown) => void;
  /** Default 1,000 ms. */
  everyMs?: number;
}

const MAX_ROWS_PER_SEAL = 1_000;

/**
 * Seals audit rows into each project's hash chain (design.md §5): gives them consecutive positions, takes the Merkle root
 * over them, and chains it to the seal before with an HMAC. It comes after the writers, so that these never wait for the
 * chain, and a row that commits late is sealed late. Several nodes may run one; the database lets them take turns.
 */
export class AuditSealer {
  readonly #options: AuditSealerOptions;
  #stop: (() => void) | null = null;
  #running: Promise<void> | null = null;

  constructor(options: AuditSealerOptions) {
    this.#options = options;
  }

  /** Idempotent. */
  start(): void {
    const { clock, everyMs = 1_000, onError } = this.#options;
    this.#stop ??= clock.every(everyMs, () => {
      this.#running ??= outsideTransaction(() => this.sealAll())
        .then(() => undefined, onError)
        .finally(() => {
          this.#running = null;
        });
    });
  }

  /** Resolves when nothing is under way. Idempotent. */
  async stop(): Promise<void> {
    this.#stop?.();
    this.#stop = null;
    await this.#running;
  }

  /** Seals everything there is now; answers the seals' heads. */
  async sealAll(): Promise<SealHead[]> {
    const heads: SealHead[] = [];
    for (const projectId of await unsealedProjects(this.#options.database)) {
      for (let head = await this.#seal(projectId); head; head = await this.#seal(projectId)) heads.push(head);
    }
    return heads;
  }

  /** One seal; null when there is nothing to seal. The head is kept before the next seal is made. */
  async #seal(projectId: string): Promise<SealHead | null> {
    const { database, clock, key, keepHead } = this.#options;
    const seal = await database.transaction(async (tx) => {
      await lockChain(tx, projectId);
      const rows = await unsealedRows(tx, projectId, MAX_ROWS_PER_SEAL);
      if (rows.length === 0) return null;
      const previous = await lastSeal(tx, projectId);
      const firstPosition = previous ? previous.firstPosition + previous.count : 1;
      const positions = rows.map((row, index) => {
        const place = { position: firstPosition + index, at: row.at, id: row.id };
        return { ...place, leaf: makeLeaf(key, projectId, place, rowDigest(row)) };
      });
      const made = makeSeal(key, {
        projectId,
        number: (previous?.number ?? 0) + 1,
        firstPosition,
        count: rows.length,
        merkleRoot: rootOf(positions),
        previousSeal: previous?.seal ?? null,
        sealedAt: clock.now().toISOString(),
      });
      await placeRows(tx, projectId, positions);
      await insertSeal(tx, made);
      return made;
    });
    if (!seal) return null;
    const head = headOf(seal);
    await keepHead(head);
    return head;
  }
}
