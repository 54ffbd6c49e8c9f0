import type { RawEdge } from '../edges/raw-edge.ts';

/** An entity as an indexer tells of it; ingestion checks it. */
export type EntityFacts = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** All that one indexer says of one file: what it said before and does not say any more is over. */
export interface FileFacts {
  /** Relative to the workspace, with forward slashes. */
  path: string;
  entities: EntityFacts[];
  relationships: RawEdge[];
  /** Why a part of the file could not be read. */
  problems: string[];
  /** What a document names by its name alone: only the graph knows what of the code goes by it. */
  mentions?: Mention[];
}

/** A name in a document, by the section that has it. */
export interface Mention {
  /** Qualified or not: `Invoice.total`, `total`. */
  name: string;
  sectionAnchor?: string;
  sectionTitle?: string;
}

/** A file that is to be indexed. */
export interface SourceFileState {
  /** Relative to the workspace, with forward slashes. */
  path: string;
  /** SHA-256 of its bytes, in hex; {@link UNREADABLE} for one that nobody may read; of huge ones it is of their size and time. */
  hash: string;
  /** Bytes. */
  size: number;
  modifiedAt: string;
  createdAt: string;
}

/** In place of the digest of a file that cannot be read. */
export const UNREADABLE = 'unreadable';
