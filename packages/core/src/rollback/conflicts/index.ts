export {
  type ConflictChoices,
  type ConflictOption,
  choicesFor,
  conflictChoicesSchema,
  conflictOptionSchema,
} from './conflict-choices.ts';
export { ConflictEngine, type ConflictEngineOptions, type ResolvedConflict } from './conflict-engine.ts';
export * from './conflict-resolution.ts';
export { type DrawOptions, drawDiff } from './draw-diff.ts';
export { type MergeResult, mergeResultSchema } from './merge-result.ts';
export { type MergeContext, type MergeSettings, mergeContextSchema, mergeSettingsSchema } from './merge-settings.ts';
export * from './rollback-conflict.ts';
export * from './visual-diff.ts';
