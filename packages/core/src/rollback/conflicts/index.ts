export * from './conflict-resolution.ts';
export { type MergeResult, mergeResultSchema } from './merge-result.ts';
export { type MergeContext, type MergeSettings, mergeContextSchema, mergeSettingsSchema } from './merge-settings.ts';
export * from './rollback-conflict.ts';
