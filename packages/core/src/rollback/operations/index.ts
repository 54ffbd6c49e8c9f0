export * from './operation-status.ts';
export { OPERATION_FIELDS } from './operation-store.ts';
export {
  type OperationCount,
  operationCountSchema,
  type RollbackTotals,
  rollbackTotalsSchema,
  type SessionRollbackMetrics,
} from './rollback-metrics-store.ts';
export * from './rollback-operation.ts';
export { RollbackOperations, type StartOptions } from './rollback-operations.ts';
export type { ConflictMerger } from './settle-conflicts.ts';
