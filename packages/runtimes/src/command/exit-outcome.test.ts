import { expect, test } from 'vitest';
import type { ProcessEnd } from '../process/index.ts';
import { exitOutcome } from './exit-outcome.ts';

const LIMITS = { cpuCores: null, memoryMb: 64 };

function end(changes: Partial<ProcessEnd>): ProcessEnd {
  const usage = { cpuSeconds: 0, peakMemoryMb: 0 };
  return {
    cause: 'program',
    exitCode: 0,
    signal: null,
    leftBehind: 0,
    beyondReach: 0,
    usage,
    detail: null,
    ...changes,
  };
}

test('every way a command can end has its outcome', () => {
  const cases: [Partial<ProcessEnd>, string, string | undefined, boolean | undefined][] = [
    [{ exitCode: 0 }, 'completed', undefined, undefined],
    [{ exitCode: 1 }, 'failed', 'COMMAND_FAILED', true],
    [{ exitCode: 75 }, 'failed', 'COMMAND_FAILED', true],
    [{ exitCode: 78 }, 'failed', 'COMMAND_FAILED', false],
    [{ exitCode: 127 }, 'failed', 'COMMAND_FAILED', false],
    [{ exitCode: null, signal: 'SIGKILL' }, 'failed', 'COMMAND_KILLED', true],
    [{ cause: 'stop', exitCode: 0 }, 'stopped', undefined, undefined],
    [{ cause: 'stop', exitCode: null, signal: 'SIGKILL' }, 'stopped', undefined, undefined],
    [{ cause: 'memory', exitCode: null, signal: 'SIGKILL' }, 'failed', 'MEMORY_LIMIT_EXCEEDED', false],
    [{ cause: 'guard-lost', exitCode: null }, 'failed', 'RUN_GUARD_LOST', true],
  ];
  for (const [changes, status, name, retryable] of cases) {
    const outcome = exitOutcome(end(changes), LIMITS);
    expect([outcome.status, outcome.error?.name, outcome.error?.retryable]).toEqual([status, name, retryable]);
  }
});

test('a run over its memory limit is told the limit', () => {
  expect(exitOutcome(end({ cause: 'memory' }), LIMITS).error?.message).toContain('64 MB');
});
