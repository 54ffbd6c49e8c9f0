import type { FileFacts } from '../indexers/file-facts.ts';
import type { IndexerName } from '../indexers/which-indexer.ts';
import type { IndexMode } from './index-mode.ts';
import type { IndexedFile } from './indexed-file.ts';

/** Of which workspace the thread is. */
export interface IndexStart {
  root: string;
}

/** What the thread is asked for. */
export interface IndexRequest {
  known: IndexedFile[];
  /** All that may have changed since it was asked last; null: whatever. */
  edited: string[] | null;
  mode: IndexMode;
}

/** What it is answered to a report: the files of the workspace where it asked for them, and else nothing. */
export type IndexAnswer = { listed: string[] | null } | 'more';

export interface IndexPlan {
  total: number;
  affected: string[];
  removed: string[];
}

export interface ToldFile {
  indexer: IndexerName;
  facts: FileFacts;
  remembered: IndexedFile;
}

/** What the thread reports. Each but the last is answered; of files it tells a little ahead of the answers, of all else only after them. */
export type IndexReport = { type: 'plan'; plan: IndexPlan } | { type: 'files'; files: ToldFile[] } | { type: 'done' };
/** What it asks for where it has to look at all files. */
export type IndexMessage = IndexReport | { type: 'list' };
