import type { RunOutcome } from '@signalbox/core';
import { abnormalEnd, type ProcessEnd, type ProcessLimits } from '../process/index.ts';

/**
 * Exit codes with which a program says that trying again is of no use: a shell's 126 (cannot be executed) and 127 (not
 * found), and those of sysexits.h that blame the input, the installation or the rights rather than the moment.
 */
const PERMANENT_EXIT_CODES: ReadonlySet<number> = new Set([64, 65, 66, 67, 68, 72, 73, 76, 77, 78, 126, 127]);

type Outcome = Pick<RunOutcome, 'status' | 'error'>;

/**
 * What the end of a command means for its session. Exit code 0 completes it. Any other fails it and may be retried,
 * except {@link PERMANENT_EXIT_CODES}; so may a program that a signal ended which we did not send. A run that was asked
 * to stop has stopped, whatever code it ended with.
 */
export function exitOutcome(end: ProcessEnd, limits: ProcessLimits): Outcome {
  const abnormal = abnormalEnd(end, limits);
  if (abnormal) return { status: 'failed', error: abnormal };
  if (end.cause === 'stop') return { status: 'stopped', error: null };
  if (end.exitCode === 0) return { status: 'completed', error: null };
  if (end.exitCode !== null) {
    const message = `The command ended with exit code ${end.exitCode}.`;
    return {
      status: 'failed',
      error: { name: 'COMMAND_FAILED', message, retryable: !PERMANENT_EXIT_CODES.has(end.exitCode) },
    };
  }
  const message = `The command was ended by ${end.signal ?? 'an unknown signal'}, which did not come from Signalbox.`;
  return { status: 'failed', error: { name: 'COMMAND_KILLED', message, retryable: true } };
}
