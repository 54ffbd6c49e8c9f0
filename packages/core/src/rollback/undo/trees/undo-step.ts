import type { FileState } from '../undo.ts';

/** What a change did to one path; a rename is two of these. */
export interface PathEdit {
  changeId: string;
  path: string;
  before: FileState | null;
  after: FileState | null;
}

/** What is to be undone of one interval of the chain. */
export interface UndoStep {
  position: number;
  beforeTree: string;
  afterTree: string;
  /** All that changed in the interval: then the whole trees are merged, as `git revert` does. */
  whole: boolean;
  edits: PathEdit[];
}
