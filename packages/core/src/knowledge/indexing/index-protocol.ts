import type { FileFacts } from '../indexers/file-facts.ts';
import type { IndexedFile } from './indexed-file.ts';

/** With what the thread begins. */
export interface IndexStart {
  root: string;
  listed: string[] | null;
  known: IndexedFile[];
}

export interface IndexPlan {
  total: number;
  affected: string[];
  removed: string[];
}

export interface ToldFile {
  facts: FileFacts;
  remembered: IndexedFile;
}

/** What the thread reports; after the plan and after each batch it waits until it is asked for more. */
export type IndexReport = { type: 'plan'; plan: IndexPlan } | { type: 'files'; files: ToldFile[] } | { type: 'done' };
