import type { RelationshipType } from '../vocabulary/relationship-type.ts';

/** One relationship for one time in which it held or holds: what the graph in memory knows of it. */
export interface EdgeRecord {
  /** Of the relationship; those of its segments share it. */
  id: string;
  type: RelationshipType;
  from: string;
  to: string;
  /** 1 where it does not say. */
  confidence: number;
  /** Milliseconds since 1970. */
  validFrom: number;
  /** Infinity while it holds. */
  validTo: number;
}

/** All that the graph knows of one relationship; no edges: it is gone, with its history. */
export interface RelationshipEdges {
  id: string;
  from: string;
  edges: readonly EdgeRecord[];
}
