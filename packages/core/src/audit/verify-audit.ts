import type { Database } from '../platform/database/index.ts';
import { type AuditRecord, storedRecord } from './audit-record.ts';
import {
  digestIn,
  leafHolds,
  releaseHolds,
  rootOf,
  rowDigest,
  type Seal,
  type SealHead,
  type SealKey,
  sealHolds,
} from './seal.ts';
import type { PlacedRow } from './seal-store.ts';
import { readSealedExport } from './sealed-export.ts';

/** Something that does not fit the chain. */
export interface AuditProblem {
  kind: 'altered' | 'removed' | 'inserted' | 'reordered' | 'seal_broken' | 'seal_missing' | 'unknown_key';
  detail: string;
  /** Position in the project's chain, where it can be told. */
  position: number | null;
  /** Id of the audit event, where it can be told. */
  eventId: string | null;
  /** Number of the seal, where it can be told. */
  seal: number | null;
}

export interface AuditReport {
  /** True when the chain holds up to its last seal. */
  ok: boolean;
  /** The last seal; null while there is none. What came later can be changed unnoticed. */
  sealedThrough: { number: number; position: number; sealedAt: string } | null;
  /** Rows under seal, those that retention dropped included. */
  sealed: number;
  /** Rows under seal that retention has dropped. */
  released: number;
  /** Rows that wait for their seal. */
  unsealed: number;
  /** At most 1,000, by position. */
  problems: AuditProblem[];
}

const MAX_PROBLEMS = 1_000;
const SEALS_AT_ONCE = 100;
const SEARCHED_PLACES = 20;

/**
 * Checks a project's audit rows against their chain, and locates what was altered, removed, inserted or reordered.
 * @param keys all keys that seals were ever made with.
 * @param heads heads kept outside the database; without them rows cut off the chain's end, seals and all, are not missed.
 */
export function verifyAudit(
  database: Database,
  projectId: string,
  keys: readonly SealKey[],
  heads: readonly SealHead[] = [],
): Promise<AuditReport> {
  return database.transaction((tx) => new Verification(storedRecord(tx, projectId), projectId, keys, heads).run(), {
    isolation: 'repeatable read',
    readOnly: true,
  });
}

/**
 * {@link verifyAudit} of what `sealedExport` wrote, without its database: all that was sealed when it was exported.
 * @throws AUDIT_EXPORT_UNREADABLE
 */
export async function verifySealedExport(
  lines: AsyncIterable<string>,
  keys: readonly SealKey[],
  heads: readonly SealHead[] = [],
): Promise<AuditReport> {
  const { projectId, record } = await readSealedExport(lines);
  return new Verification(record, projectId, keys, heads).run();
}

class Verification {
  readonly #record: AuditRecord;
  readonly #projectId: string;
  readonly #keys: ReadonlyMap<string, SealKey>;
  readonly #heads: ReadonlyMap<number, SealHead>;
  readonly #problems: AuditProblem[] = [];
  #releasedBefore = '';
  #released = 0;
  #last: Seal | null = null;

  constructor(record: AuditRecord, projectId: string, keys: readonly SealKey[], heads: readonly SealHead[]) {
    this.#record = record;
    this.#projectId = projectId;
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#heads = new Map(heads.filter((head) => head.projectId === projectId).map((head) => [head.number, head]));
  }

  async run(): Promise<AuditReport> {
    await this.#checkReleases();
    for (let page = await this.#nextSeals(); page.length > 0; page = await this.#nextSeals()) {
      let rows = this.#rowsOf(page[0]);
      for (const [index, seal] of page.entries()) {
        const here = await rows;
        // The database reads the next ones while these are hashed.
        rows = this.#rowsOf(page[index + 1]);
        this.#checkSeal(seal, here);
        this.#last = seal;
      }
    }
    this.#checkHeads();
    await this.#checkStrays();
    const last = this.#last;
    const position = last ? last.firstPosition + last.count - 1 : 0;
    return {
      ok: this.#problems.length === 0,
      sealedThrough: last ? { number: last.number, position, sealedAt: last.sealedAt } : null,
      sealed: position,
      released: this.#released,
      unsealed: await this.#record.countUnsealed(),
      problems: this.#problems,
    };
  }

  #nextSeals(): Promise<readonly Seal[]> {
    return this.#record.sealsAfter(this.#last?.number ?? 0, SEALS_AT_ONCE);
  }

  async #rowsOf(seal: Seal | undefined): Promise<readonly PlacedRow[]> {
    return seal ? this.#record.placedRows(seal.firstPosition, seal.firstPosition + seal.count - 1) : [];
  }

  async #checkReleases(): Promise<void> {
    for (const release of await this.#record.releases()) {
      const key = this.#keys.get(release.keyId);
      if (key && releaseHolds(key, release)) this.#releasedBefore = release.droppedBefore;
      else this.#report('seal_broken', `the release of rows from before ${release.droppedBefore} is not genuine`);
    }
  }

  #checkSeal(seal: Seal, rows: readonly PlacedRow[]): void {
    const { number, firstPosition } = seal;
    const previous = this.#last;
    const due = {
      number: (previous?.number ?? 0) + 1,
      position: previous ? previous.firstPosition + previous.count : 1,
    };
    if (number !== due.number)
      this.#report('seal_missing', `seals ${due.number} to ${number - 1} are gone`, { seal: number });
    else if (firstPosition !== due.position || !sameSeal(seal.previousSeal, previous?.seal ?? null)) {
      this.#report('seal_broken', 'it does not follow the seal before it', { seal: number });
    }
    const key = this.#keys.get(seal.keyId);
    if (!key) this.#report('unknown_key', `it was made with the key "${seal.keyId}"`, { seal: number });
    else if (!sealHolds(key, seal)) this.#report('seal_broken', 'it is not genuine', { seal: number });
    this.#checkRows(seal, rows, key);
  }

  #checkRows(seal: Seal, rows: readonly PlacedRow[], key: SealKey | undefined): void {
    const before = this.#problems.length;
    const places = new Map(rows.map((row) => [row.position, row]));
    let previous: PlacedRow | null = null;
    for (let position = seal.firstPosition; position < seal.firstPosition + seal.count; position += 1) {
      const placed = places.get(position);
      const where = { position, eventId: placed?.id ?? null, seal: seal.number };
      if (!placed) {
        this.#report('removed', 'the position is gone', where);
        continue;
      }
      if (previous && !isAfter(placed, previous)) this.#report('reordered', 'it stands after a later one', where);
      else if (key && !leafHolds(key, this.#projectId, placed)) this.#reportPlace(seal, key, placed);
      previous = placed;
      if (placed.row) {
        if (!rowDigest(placed.row).equals(digestIn(placed.leaf)))
          this.#report('altered', 'the row is not what was sealed', where);
      } else if (placed.at < micros(this.#releasedBefore)) this.#released += 1;
      else this.#report('removed', 'the row is gone', where);
    }
    // Whoever has the key could make a position anew, but not under the root of a seal that was kept.
    if (rows.length === seal.count && !rootOf(rows).equals(seal.merkleRoot) && this.#problems.length === before) {
      const last = seal.firstPosition + seal.count - 1;
      this.#report('altered', `something among positions ${seal.firstPosition} to ${last} is not what was sealed`, {
        seal: seal.number,
      });
    }
  }

  /** Says where a row stood that changed places; looked for a few times only, since each is a search of the whole seal. */
  #reportPlace(seal: Seal, key: SealKey, placed: PlacedRow): void {
    const where = { position: placed.position, eventId: placed.id, seal: seal.number };
    const stoodAt = this.#problems.length < SEARCHED_PLACES ? this.#placeWithin(seal, key, placed) : null;
    if (stoodAt !== null) this.#report('reordered', `it stood at position ${stoodAt}`, where);
    else this.#report('altered', 'what the chain keeps of the row is not what was sealed', where);
  }

  #placeWithin({ firstPosition, count }: Seal, key: SealKey, placed: PlacedRow): number | null {
    for (let position = firstPosition; position < firstPosition + count; position += 1) {
      if (leafHolds(key, this.#projectId, { ...placed, position })) return position;
    }
    return null;
  }

  #checkHeads(): void {
    const lastNumber = this.#last?.number ?? 0;
    for (const head of this.#heads.values()) {
      if (head.number > lastNumber) {
        this.#report('seal_missing', 'it was made, and is gone', { seal: head.number, position: head.lastPosition });
      }
    }
    // The chain is fixed by its last link: where that is the one that was kept, all before it are too.
    const kept = this.#heads.get(lastNumber);
    if (kept && this.#last?.seal.toString('hex') !== kept.seal) {
      this.#report('seal_broken', 'it is not the one that was kept outside the database', { seal: lastNumber });
    }
  }

  async #checkStrays(): Promise<void> {
    const last = this.#last ? this.#last.firstPosition + this.#last.count - 1 : 0;
    const [positions, events, inbox] = [
      await this.#record.unsealedPositions(last, MAX_PROBLEMS),
      await this.#record.strayRows('events', MAX_PROBLEMS),
      await this.#record.strayRows('inbox', MAX_PROBLEMS),
    ];
    for (const { id, position } of positions) this.#report('inserted', 'no seal covers it', { eventId: id, position });
    for (const { id, at } of events) this.#report('inserted', `nobody recorded the row of ${at}`, { eventId: id });
    for (const { id, at } of inbox) this.#report('removed', `the row of ${at} is gone, unsealed`, { eventId: id });
  }

  #report(kind: AuditProblem['kind'], detail: string, where: Partial<AuditProblem> = {}): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    this.#problems.push({ kind, detail, position: null, eventId: null, seal: null, ...where });
  }
}

/** Rows are sealed by time, then id; so within one seal their order is known. */
function isAfter(one: PlacedRow, other: PlacedRow): boolean {
  return one.at === other.at ? one.id > other.id : one.at > other.at;
}

function sameSeal(one: Buffer | null, other: Buffer | null): boolean {
  return one && other ? one.equals(other) : one === other;
}

/** Milliseconds as the rows' microseconds, so that times compare as text. */
function micros(iso: string): string {
  return iso.replace('Z', '000Z');
}
