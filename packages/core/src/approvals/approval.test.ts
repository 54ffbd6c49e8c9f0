import { describe, expect, test } from 'vitest';
import { answered, objectionTo, type Question, requestApprovalSchema, widened } from './approval.ts';

const open: Question = { status: 'pending', roles: ['approver'], barred: ['mia'], quorum: 1, approvedBy: [] };
const by = (name: string | null, role: 'viewer' | 'agent' | 'approver' | 'operator' | 'admin') => ({
  actor: name ?? 'anonymous',
  name,
  role,
});

describe('who may answer an approval', () => {
  test('its roles and those above them, and nobody to his own question', () => {
    expect(objectionTo(open, by('ben', 'agent'))).toBe('role');
    expect(objectionTo(open, by('ben', 'approver'))).toBeNull();
    expect(objectionTo(open, by('ben', 'admin'))).toBeNull();
    expect(objectionTo({ ...open, roles: ['admin'] }, by('ben', 'operator'))).toBe('role');
    expect(objectionTo(open, by('mia', 'admin'))).toBe('self');
    expect(objectionTo(open, by(null, 'admin'))).toBeNull();
  });

  test('nobody twice, and nobody once it is decided', () => {
    const half = { ...open, quorum: 2, approvedBy: ['ben'] };
    expect(objectionTo(half, by('ben', 'approver'))).toBe('again');
    expect(objectionTo(half, by('eve', 'approver'))).toBeNull();
    for (const status of ['approved', 'rejected', 'expired', 'withdrawn'] as const)
      expect(objectionTo({ ...open, status }, by('ben', 'admin'))).toBe('decided');
  });
});

test('approvals count up to the quorum, one rejection is enough', () => {
  expect(answered(open, 'approve')).toBe('approved');
  expect(answered({ ...open, quorum: 2 }, 'approve')).toBe('pending');
  expect(answered({ ...open, quorum: 2, approvedBy: ['ben'] }, 'approve')).toBe('approved');
  expect(answered({ ...open, quorum: 3, approvedBy: ['ben'] }, 'reject')).toBe('rejected');
});

test('escalation adds roles and takes none', () => {
  expect(widened(['operator'], ['approver', 'operator'])).toEqual(['approver', 'operator']);
  expect(widened(['admin'], [])).toEqual(['admin']);
});

test('a request says what it is about, and has terms by default', () => {
  const sessionId = '0190a000-0000-7000-8000-000000000000';
  expect(requestApprovalSchema.parse({ sessionId, tool: 'bash' })).toMatchObject({
    subject: 'tool_call',
    terms: { roles: ['approver'], quorum: 1, timeoutSeconds: 86_400, onTimeout: 'deny' },
  });
  for (const wrong of [{ tool: 'bash' }, { subject: 'session' }, { subject: 'task' }, { sessionId, tool: 'b', x: 1 }])
    expect(requestApprovalSchema.safeParse(wrong).success).toBe(false);
});
