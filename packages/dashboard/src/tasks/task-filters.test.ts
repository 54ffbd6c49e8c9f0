import { describe, expect, it } from 'vitest';
import { parseSearch, searchOf, stringifySearch } from '../app/search.ts';
import {
  isTaskListNarrowed,
  TASK_FILTER_NAMES,
  taskFiltersOf,
  taskQueryOf,
  taskSortOf,
  taskSortText,
} from './task-filters.ts';

describe('filters of the list of tasks', () => {
  it('asks for several statuses of tasks with `in` and for one by equality', () => {
    expect(taskQueryOf({ status: 'dead,failed' })).toMatchObject({ 'status.in': 'dead,failed' });
    expect(taskQueryOf({ status: 'queued' })).toMatchObject({ status: 'queued' });
    expect(taskQueryOf({ status: 'queued' })).not.toHaveProperty('status.in');
  });

  it('calls session, agent and trace as the server does', () => {
    expect(taskQueryOf({ session: 's-1', agent: 'worker-1', trace: 't-1', queue: 'builds', type: 'lint' })).toEqual({
      sortBy: 'createdAt',
      sortOrder: 'desc',
      sessionId: 's-1',
      claimedBy: 'worker-1',
      traceId: 't-1',
      queue: 'builds',
      type: 'lint',
    });
  });

  it('takes the newest tasks first for an order that is no column', () => {
    expect(taskSortOf({ sort: '-payload' })).toEqual({ key: 'createdAt', order: 'desc' });
    expect(taskSortOf({ sort: 'failures' })).toEqual({ key: 'failures', order: 'asc' });
    expect(taskSortText({ key: 'failures', order: 'desc' })).toBe('-failures');
    expect(taskSortText({ key: 'createdAt', order: 'desc' })).toBeUndefined();
  });

  it('survives the way through an address, without what is no filter', () => {
    const filters = { status: 'dead,failed', queue: 'builds', sort: '-failures' };
    const read = searchOf(TASK_FILTER_NAMES)(parseSearch(`${stringifySearch(filters)}&project=other`));
    expect(taskFiltersOf(read)).toEqual(filters);
    expect(isTaskListNarrowed(filters)).toBe(true);
    expect(isTaskListNarrowed({ sort: 'type' })).toBe(false);
  });
});
