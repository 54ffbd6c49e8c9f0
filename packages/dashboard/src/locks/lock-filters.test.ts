import { describe, expect, it } from 'vitest';
import { isNarrowed, lockQueryOf } from './lock-filters.ts';

describe('filters of the list of locks', () => {
  it('asks by resource, mode and state, and leaves out what there is not', () => {
    expect(lockQueryOf({ q: 'repo/src', mode: 'shared', state: 'lost' })).toEqual({
      'resource.contains': 'repo/src',
      mode: 'shared',
      state: 'lost',
    });
    expect(lockQueryOf({ mode: 'private', state: 'found' })).toEqual({});
  });

  it('says whether some are left out', () => {
    expect(isNarrowed({})).toBe(false);
    expect(isNarrowed({ q: 'repo' })).toBe(true);
  });
});
