import { describe, expect, it } from 'vitest';
import { approvalQueryOf, approvalSortText, isInboxNarrowed } from './approval-filters.ts';

describe('what the inbox of approvals asks for', () => {
  it('is what waits, the soonest over first', () => {
    expect(approvalQueryOf({})).toEqual({ status: 'pending', sortBy: 'expiresAt', sortOrder: 'asc' });
    expect(approvalQueryOf({ status: 'approved', decider: 'ann', tool: 'bash' })).toEqual({
      status: 'pending',
      tool: 'bash',
      sortBy: 'expiresAt',
      sortOrder: 'asc',
    });
  });

  it('is what was decided, the last first, and never what waits', () => {
    const all = 'approved,rejected,expired,withdrawn';
    expect(approvalQueryOf({ show: 'decided' })).toEqual({
      'status.in': all,
      sortBy: 'decidedAt',
      sortOrder: 'desc',
    });
    expect(approvalQueryOf({ show: 'decided', status: 'pending,rejected', decider: 'ann' })).toMatchObject({
      'status.in': 'rejected',
      decidedBy: 'ann',
    });
    expect(approvalQueryOf({ show: 'decided', status: 'pending' })['status.in']).toBe(all);
  });

  it('is ordered by a column, of which the usual one is not named', () => {
    expect(approvalQueryOf({ sort: '-tool' })).toMatchObject({ sortBy: 'tool', sortOrder: 'desc' });
    expect(approvalQueryOf({ sort: 'secrets' })).toMatchObject({ sortBy: 'expiresAt' });
    expect(approvalSortText({}, { key: 'expiresAt', order: 'asc' })).toBeUndefined();
    expect(approvalSortText({ show: 'decided' }, { key: 'expiresAt', order: 'desc' })).toBe('-expiresAt');
  });

  it('is narrowed by what it is about, not by which side of it is shown', () => {
    expect([isInboxNarrowed({ show: 'decided', sort: 'tool' }), isInboxNarrowed({ tool: 'bash' })]).toEqual([
      false,
      true,
    ]);
  });
});
