export {
  WORK_TREE_STATUSES,
  type WorkTree,
  type WorkTreePreview,
  type WorkTreeStatus,
  workTreePreviewSchema,
  workTreeSchema,
  workTreeStatusSchema,
} from './work-tree.ts';
export { WORK_TREE_FIELDS } from './work-tree-store.ts';
export { type IsolatedSession, type LeftOverTrees, WorkTrees } from './work-trees.ts';
