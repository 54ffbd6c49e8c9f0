import { describe, expect, it } from 'vitest';
import { bulkFilterOf, whereOf } from './bulk-filter.ts';

describe('redrive and discard of all that is shown', () => {
  it('names the queue, the type and a single status', () => {
    expect(bulkFilterOf({ queue: 'builds', type: 'lint', status: 'dead' })).toEqual({
      queue: 'builds',
      type: 'lint',
      status: 'dead',
    });
    expect(bulkFilterOf({ queue: 'builds', status: 'dead,failed' })).toEqual({ queue: 'builds' });
    expect(bulkFilterOf({ sort: 'type' })).toEqual({});
  });

  it('is not offered where the list shows less than the server would take', () => {
    expect(bulkFilterOf({ queue: 'builds', agent: 'worker-1' })).toBeNull();
    expect(bulkFilterOf({ session: 's-1' })).toBeNull();
    expect(bulkFilterOf({ trace: 't-1' })).toBeNull();
  });

  it('says which they are', () => {
    expect(whereOf({})).toBe('dead letters');
    expect(whereOf({ queue: 'builds', type: 'lint', status: 'failed' })).toBe('failed tasks of type lint in builds');
  });
});
