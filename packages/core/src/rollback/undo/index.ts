export type { FileRestore, FileWrite } from './restore-files.ts';
export type { EntityFiles, PointMoment, PointMoments } from './selection-ports.ts';
export {
  mergeStructures,
  type StructuralConflict,
  type StructuralMerge,
} from './structural-merge.ts';
export {
  type CreateUndo,
  createUndoSchema,
  type PreviewUndo,
  previewUndoSchema,
  type Undo,
  type UndoConflict,
  type UndonePath,
  type UndoPlan,
  type UndoReport,
  undoConflictSchema,
  undoPlanSchema,
  undoSchema,
} from './undo.ts';
export { ownChangesUndone } from './undo-own-changes.ts';
export type { UndoParts } from './undo-parts.ts';
export {
  CONFLICT_ANSWERS,
  type UndoOptions,
  type UndoSelection,
  undoOptionsSchema,
  undoSelectionSchema,
} from './undo-selection.ts';
export { UNDO_FIELDS } from './undo-store.ts';
export { Undos } from './undos.ts';
