import type { Executor } from '../../platform/database/index.ts';
import type { FileContent } from '../../workspaces/index.ts';
import type { SnapshotType } from '../points/snapshot.ts';

/** Whose state a point holds, or an operation puts back. */
export interface StateScope {
  projectId: string;
  sessionId: string | null;
  workspaceId: string | null;
}

/** One thing that is captured, compared and put back as a whole. */
export interface StateItem {
  /** Unique within its kind: an id, a path, the name of a setting. */
  key: string;
  value: unknown;
  /** When it last changed, ISO 8601, where that is known (RB-105). */
  modifiedAt?: string;
}

/** A change of one item. Absent is undefined. */
export interface StateWrite {
  key: string;
  /** What shall stand there; undefined removes it. */
  value: unknown;
  /** What stands there as far as the writer knows; a port refuses to write over anything else. */
  expected: unknown;
  /** Key of another write of the same call, without which this one is not made: the other end of a move. */
  companion?: string;
}

/** Who writes, and for what. */
export interface WriteOrigin {
  actor: string;
  /** The rollback that writes. */
  operationId: string | null;
  /** Whether to write although somebody else may be writing, too. */
  force: boolean;
  /** Once it aborts nothing more is begun. */
  signal?: AbortSignal | undefined;
}

/** A kind of state that points can hold, as the room that owns it offers it (RB-189). Reading and writing go by item. */
interface StateReader {
  readonly type: SnapshotType;
  /** Whether there is anything of this kind for whoever makes the point. */
  appliesTo(scope: StateScope): boolean;
  /** What a snapshot shall hold. @param executor of the one transaction in which all kinds are read */
  capture(executor: Executor, scope: StateScope): Promise<unknown>;
  /** The items that the data of a snapshot stands for. */
  itemsOf(scope: StateScope, data: unknown): Promise<StateItem[]>;
  /** When these items last changed, ISO 8601, where they do not say so themselves (RB-105): those of which it is known, gone ones too. */
  changedAt?(scope: StateScope, data: unknown, keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Of these keys, those that items of other kinds may refer to whatever is written here (RB-120). */
  staying?(scope: StateScope, keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** Where a snapshot only names contents: what one item holds. @throws FILE_NOT_FOUND */
  content?(scope: StateScope, data: unknown, key: string): Promise<FileContent>;
  /** The live values of these items; those that are not there are left out. */
  read(scope: StateScope, keys: readonly string[]): Promise<Map<string, unknown>>;
}

/** Written item by item; a write is checked by the owner as every other write is. */
export interface ItemPort extends StateReader {
  readonly together?: never;
  /**
   * Puts one item in its place.
   * @throws ROLLBACK_WRITE_STALE when something else stands there than expected, FORBIDDEN where it may not be written
   */
  write(scope: StateScope, write: StateWrite, actor: string): Promise<void>;
}

/** Written several items at once, by one plan. */
export interface GroupPort extends StateReader {
  readonly together: true;
  /**
   * Puts items in their places. Answers the keys at which something else stood than expected: they are as they were.
   * @throws when it fails midway: then what it had written of them went back
   */
  write(scope: StateScope, writes: readonly StateWrite[], origin: WriteOrigin): Promise<readonly string[]>;
}

export type StatePort = ItemPort | GroupPort;

/** Files, whose capture is a tree in a store of its own: it is taken outside of the database's transaction (RB-034). */
export const CAPTURED_OUTSIDE: readonly SnapshotType[] = ['file'];

/** What most snapshots hold: the items themselves. */
export interface ItemData {
  items: StateItem[];
}

export function itemData(items: readonly StateItem[]): ItemData {
  return { items: [...items].sort((a, b) => (a.key < b.key ? -1 : 1)) };
}

export function itemsIn(data: unknown): StateItem[] {
  return (data as ItemData).items;
}
