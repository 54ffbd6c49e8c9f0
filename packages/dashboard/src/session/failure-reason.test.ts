import { expect, it } from 'vitest';
import { failureReason } from './failure-reason.ts';

it('says why a session failed, whatever shape the reason has, and nothing of one that is at work again', () => {
  expect(failureReason({ status: 'failed' }, { error: { message: 'no space', name: 'E' } })).toBe('no space');
  expect(failureReason({ status: 'timeout' }, { error: 'too slow' })).toBe('too slow');
  expect(failureReason({ status: 'failed' }, { error: { code: 7 } })).toBe('{"code":7}');
  expect(failureReason({ status: 'failed' }, { error: null })).toBeNull();
  expect(failureReason({ status: 'running' }, { error: 'of the attempt before' })).toBeNull();
});
