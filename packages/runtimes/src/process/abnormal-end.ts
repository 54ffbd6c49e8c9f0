import type { RunOutcome } from '@signalbox/core';
import type { ProcessLimits } from './guard-protocol.ts';
import type { ProcessEnd } from './guarded-process.ts';

/**
 * What went wrong where the machine, not the program, ended a run; null otherwise. The same for every runtime:
 * `MEMORY_LIMIT_EXCEEDED` would happen again, so it is not retryable; `RUN_GUARD_LOST` was an accident, so it is.
 */
export function abnormalEnd(end: ProcessEnd, limits: ProcessLimits): RunOutcome['error'] {
  if (end.cause === 'memory') {
    return {
      name: 'MEMORY_LIMIT_EXCEEDED',
      message: `The run needed more than its limit of ${limits.memoryMb} MB of memory and was ended. Raise the limit, or make it need less.`,
      retryable: false,
    };
  }
  if (end.cause === 'guard-lost') {
    return {
      name: 'RUN_GUARD_LOST',
      message: `The run's guard process was lost, so the run was ended: ${end.detail ?? 'no reason is known'}.`,
      retryable: true,
    };
  }
  return null;
}
