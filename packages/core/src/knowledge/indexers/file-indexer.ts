import type { FileFacts, SourceFileState } from './file-facts.ts';

export interface FileText {
  state: SourceFileState;
  text: string;
}

/** What there is besides the file that is read. */
export interface Surroundings {
  /** All files of the workspace. */
  paths: ReadonlySet<string>;
}

/** Reads files each of which can be read by itself, or with the others of its kind. A pure function of what it is given. */
export interface FileIndexer {
  /** Which files are its own. */
  reads: RegExp;
  /** Rises with each change of what it says of the same file. */
  version: number;
  /** Whether what a file says depends on the others that it reads, so that a change of one is one of all. */
  isWhole: boolean;
  /** Whether what a file says depends on which files and symbols there are. */
  seesCode: boolean;
  index(files: readonly FileText[], surroundings: Surroundings): FileFacts[];
}
