export {
  type Composed,
  Composition,
  type PlacedFile,
  type StepAnswer,
  type StepConflict,
} from './composition.ts';
export { hunksBetween, takeBack } from './hunks.ts';
export { isText, mergeContents, TEXT_LIMIT } from './merge-file.ts';
export { DIRECTORY_MODE } from './tree-cache.ts';
export { treeEdits } from './tree-edits.ts';
export type { PathEdit, UndoStep } from './undo-step.ts';
export { VirtualTree } from './virtual-tree.ts';
