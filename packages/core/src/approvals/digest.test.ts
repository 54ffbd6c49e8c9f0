import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomCases } from '../testing/random-cases.ts';
import { approvalDigest, type ExactRequest } from './digest.ts';
import { editedArguments } from './edited-arguments.ts';

const key = Buffer.alloc(32, 1);
const request: ExactRequest = {
  projectId: 'p',
  subject: 'tool_call',
  sessionId: 's',
  taskId: null,
  tool: 'bash',
  workingDirectory: '/repository',
  arguments: { command: 'rm -rf build', timeout: 1.5 },
};
const reversed = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([name, item]) => [name, reversed(item)]),
        )
      : value;
const argumentsOf = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());

test('the order of fields does not matter', () => {
  fc.assert(
    fc.property(argumentsOf, (given) => {
      const other = reversed(given) as Record<string, unknown>;
      expect(approvalDigest(key, { ...request, arguments: other })).toBe(
        approvalDigest(key, { ...request, arguments: given }),
      );
    }),
    randomCases(),
  );
});

test('any other arguments have another digest', () => {
  fc.assert(
    fc.property(argumentsOf, argumentsOf, (one, other) => {
      const plain = (value: unknown) => JSON.stringify(sorted(JSON.parse(JSON.stringify(value))));
      const [a, b] = [one, other].map((given) => approvalDigest(key, { ...request, arguments: given }));
      expect(a === b).toBe(plain(one) === plain(other));
    }),
    randomCases(),
  );
});

test('bound to project, subject, session, task, tool, directory, arguments and key', () => {
  const digest = approvalDigest(key, request);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(approvalDigest(key, { ...request })).toBe(digest);
  for (const other of [
    { projectId: 'q' },
    { subject: 'session' },
    { sessionId: 't' },
    { taskId: 't' },
    { tool: 'write' },
    { workingDirectory: '/repository/b' },
    { arguments: { command: 'rm -rf build ', timeout: 1.5 } },
    { arguments: { command: 'rm -rf build' } },
  ])
    expect(approvalDigest(key, { ...request, ...other })).not.toBe(digest);
  expect(approvalDigest(Buffer.alloc(32, 2), request)).not.toBe(digest);
});

test('half a character has no canonical form, and is refused rather than taken for another', () => {
  expect(() => approvalDigest(key, { ...request, arguments: { command: 'a\ud800' } })).toThrow(/not valid/);
});

test('what an approver leaves as it was shown stays what it was, secrets included', () => {
  const actual = { command: 'deploy', env: { token: 'real', stage: 'live' }, files: ['a', 'b'] };
  const shown = { command: 'deploy', env: { token: '[redacted]', stage: 'live' }, files: ['a', 'b'] };
  const edited = { command: 'deploy --dry-run', env: { token: '[redacted]', stage: 'test' }, files: ['a'] };
  expect(editedArguments(edited, shown, actual)).toEqual({
    command: 'deploy --dry-run',
    env: { token: 'real', stage: 'test' },
    files: ['a'],
  });
  expect(editedArguments(shown, shown, actual)).toEqual(actual);
  expect(editedArguments({ command: 'ls' }, shown, actual)).toEqual({ command: 'ls' });
});

/** By code units, as RFC 8785 has it. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // As a list, because an object would put names that are numbers first.
  return entries.map(([name, item]) => [name, sorted(item)]);
}
