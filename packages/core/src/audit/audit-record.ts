import type { Executor } from '../platform/database/index.ts';
import type { Release, Seal } from './seal.ts';
import {
  countUnsealed,
  listReleases,
  type PlacedRow,
  placedRows,
  type StrayRow,
  sealsAfter,
  strayRows,
  unsealedPositions,
} from './seal-store.ts';

/** A project's audit with its chain, wherever it is kept, as it is verified. */
export interface AuditRecord {
  releases(): Promise<readonly Release[]>;
  /** By number. */
  sealsAfter(number: number, limit: number): Promise<readonly Seal[]>;
  /** By position. */
  placedRows(first: number, last: number): Promise<readonly PlacedRow[]>;
  unsealedPositions(lastPosition: number, limit: number): Promise<readonly StrayRow[]>;
  /** Rows that neither chain nor inbox knows, and rows that wait for their seal and are gone. */
  strayRows(kind: 'events' | 'inbox', limit: number): Promise<readonly StrayRow[]>;
  countUnsealed(): Promise<number>;
}

export function storedRecord(executor: Executor, projectId: string): AuditRecord {
  return {
    releases: () => listReleases(executor),
    sealsAfter: (number, limit) => sealsAfter(executor, projectId, number, limit),
    placedRows: (first, last) => placedRows(executor, projectId, first, last),
    unsealedPositions: (lastPosition, limit) => unsealedPositions(executor, projectId, lastPosition, limit),
    strayRows: (kind, limit) => strayRows(executor, kind, projectId, limit),
    countUnsealed: () => countUnsealed(executor, projectId),
  };
}
