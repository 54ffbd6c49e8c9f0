import { ApiError, ServerUnreachableError, type SessionStatus } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { EXIT, exitCodeOf, exitCodeOfSession } from './exit-codes.ts';

const refused = (status: number, code = 'X') => new ApiError({ type: '', title: '', status, detail: '', code });

describe('exit codes', () => {
  it.each([
    [400, 2],
    [401, 6],
    [403, 6],
    [404, 3],
    [409, 4],
    [410, 3],
    [412, 4],
    [413, 2],
    [428, 2],
    [429, 5],
    [500, 1],
    [503, 5],
  ])('of an answer %i is %i', (status, code) => expect(exitCodeOf(refused(status))).toBe(code));

  it('tell a server that is away, and a runtime that cannot run, from other failures', () => {
    expect(exitCodeOf(new ServerUnreachableError('http://x'))).toBe(EXIT.unavailable);
    expect(exitCodeOf(refused(409, 'RUNTIME_UNAVAILABLE'))).toBe(EXIT.unavailable);
    expect(exitCodeOf(new Error('x'))).toBe(EXIT.failure);
  });

  const ends: [SessionStatus, number][] = [
    ['completed', 0],
    ['partially_completed', 1],
    ['failed', 1],
    ['timeout', 124],
    ['cancelled', 130],
    ['stopped', 130],
    ['orphaned', 1],
    ['expired', 1],
  ];
  it.each(ends)('of a session that ended %s is %i', (status, code) => expect(exitCodeOfSession(status)).toBe(code));
});
