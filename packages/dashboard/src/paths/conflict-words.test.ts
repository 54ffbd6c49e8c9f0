import { describe, expect, it } from 'vitest';
import { conflictWordsFor, otherSession } from './conflict-words.ts';

const conflict = { sessionIds: ['a', 'b'], bySession: 'b' };

describe('words for a conflict', () => {
  it('tell a session whether it wrote or was written into', () => {
    expect(conflictWordsFor({ ...conflict, kind: 'touch' }, 'a')).toBe('was also written by');
    expect(conflictWordsFor({ ...conflict, kind: 'claim' }, 'a')).toBe('is claimed here, and was written by');
    expect(conflictWordsFor({ ...conflict, kind: 'claim' }, 'b')).toBe('was written here, and is claimed by');
  });

  it('name the other session, whichever of the two looks', () => {
    expect(otherSession(conflict, 'a')).toBe('b');
    expect(otherSession(conflict, 'b')).toBe('a');
  });
});
