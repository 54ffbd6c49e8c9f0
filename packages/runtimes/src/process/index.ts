export { abnormalEnd } from './abnormal-end.ts';
export { describeLimits, type LimitMechanism } from './describe-limits.ts';
export { type FoundProgram, findProgram, locate } from './find-program.ts';
export type { ProcessLimits } from './guard-protocol.ts';
export {
  type GuardedProcess,
  type GuardedProcessSpec,
  type ProcessEnd,
  type ProcessUsage,
  startGuardedProcess,
} from './guarded-process.ts';
export { inheritedEnvironment } from './inherited-environment.ts';
export { systemProcessTable } from './process-table.ts';
export { ProcessTree } from './process-tree.ts';
export { PART_VARIABLE, RUN_ID_VARIABLE } from './tree-membership.ts';
