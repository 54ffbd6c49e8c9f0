import { describe, expect, it } from 'vitest';
import type { EndedOperation } from './monitoring/index.ts';
import type { RollbackOperation } from './operations/index.ts';
import type { RollbackPoint } from './points/index.ts';
import { RollbackEvents } from './rollback-events.ts';
import { watchRollbacks } from './watch-rollbacks.ts';

const AT = '2026-01-01T00:00:00.000Z';
const operation = (more: Partial<RollbackOperation>) =>
  ({
    id: 'o',
    projectId: 'p',
    mutating: true,
    status: 'completed',
    error: null,
    startedAt: AT,
    completedAt: '2026-01-01T00:00:02.500Z',
    ...more,
  }) as RollbackOperation;

function watched({ fail = false } = {}) {
  const heard: unknown[] = [];
  const errors: unknown[] = [];
  const events = new RollbackEvents((error) => errors.push(error));
  const note = async (...what: unknown[]) => {
    heard.push(what);
    if (fail) throw new Error(String(what[0]));
  };
  const monitor = {
    pointCreated: (projectId: string) => note('point', projectId),
    operationEnded: (projectId: string, ended: EndedOperation) => note('operation', projectId, ended),
    cleanupCompleted: (projectId: string) => note('cleanup', projectId),
  };
  watchRollbacks(events, monitor, (error) => errors.push(error));
  return { events, heard, errors };
}

describe('the monitor hears', () => {
  it('of each point that is made', () => {
    const { events, heard } = watched();
    events.emit('rollback-point-created', { rollbackPoint: { projectId: 'p' } as RollbackPoint });
    expect(heard).toEqual([['point', 'p']]);
  });

  it('of operations that succeeded and failed, with how long they took and why, and of no rehearsal or cancellation', () => {
    const { events, heard } = watched();
    events.emit('rollback-completed', { operation: operation({}) });
    const error = { code: 'X', message: 'it broke', details: {} };
    const failed = operation({ id: 'f', status: 'failed', error, completedAt: null });
    events.emit('rollback-failed', { operation: failed, error: 'it broke' });
    events.emit('rollback-completed', { operation: operation({ mutating: false }) });
    events.emit('rollback-failed', { operation: operation({ mutating: false }), error: '' });
    events.emit('rollback-cancelled', { operation: operation({ status: 'cancelled' }) });
    expect(heard).toEqual([
      ['operation', 'p', { id: 'o', status: 'completed', error: null, durationMs: 2_500 }],
      ['operation', 'p', { id: 'f', status: 'failed', error: 'it broke', durationMs: 0 }],
    ]);
  });

  it('of a clean-up in each project in which something was removed', () => {
    const { events, heard } = watched();
    events.emit('cleanup-completed', { removedCount: 3, projectIds: ['p', 'q'] });
    events.emit('cleanup-completed', { removedCount: 0, projectIds: [] });
    expect(heard).toEqual([
      ['cleanup', 'p'],
      ['cleanup', 'q'],
    ]);
  });

  it('and what it fails with is told, each time', async () => {
    const { events, errors } = watched({ fail: true });
    events.emit('rollback-point-created', { rollbackPoint: { projectId: 'p' } as RollbackPoint });
    events.emit('rollback-completed', { operation: operation({}) });
    events.emit('cleanup-completed', { removedCount: 1, projectIds: ['p'] });
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors.map(String)).toEqual(['Error: point', 'Error: operation', 'Error: cleanup']);
  });
});
