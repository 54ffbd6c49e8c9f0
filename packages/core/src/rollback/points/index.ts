export * from './rollback-point.ts';
export { RollbackPoints } from './rollback-points.ts';
export * from './snapshot.ts';
export { decodeSnapshot, encodeSnapshot, wireValue } from './snapshot-codec.ts';
export type { SnapshotUsage } from './snapshot-store.ts';
