import { describe, expect, it } from 'vitest';
import { argumentFields, argumentsOf, fieldError, isEditable } from './edited-arguments.ts';

describe('arguments that somebody edits', () => {
  it('come back as they were where nothing is changed', () => {
    const given = { command: 'rm -rf "a b"', timeout: 3, lines: ['1', 2], none: null, sure: true };
    expect(argumentsOf(argumentFields(given))).toEqual(given);
  });

  it('are text as it is typed, and JSON where they were something else', () => {
    const fields = argumentFields({ command: 'rm -rf build', timeout: 3 });
    expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
      ['command', 'text'],
      ['timeout', 'json'],
    ]);
    expect(argumentsOf([{ name: 'command', kind: 'text', text: '"quoted' }])).toEqual({ command: '"quoted' });
    expect(fieldError({ name: 'command', kind: 'text', text: '{' })).toBeNull();
    expect(fieldError({ name: 'timeout', kind: 'json', text: '{' })).toContain('It is no JSON');
  });

  it('are those of a call that one person decides about, while it waits', () => {
    const one = { subject: 'tool_call', quorum: 1, status: 'pending' } as const;
    expect([
      isEditable(one),
      isEditable({ ...one, quorum: 2 }),
      isEditable({ ...one, subject: 'task' }),
      isEditable({ ...one, status: 'approved' }),
    ]).toEqual([true, false, false, false]);
  });
});
