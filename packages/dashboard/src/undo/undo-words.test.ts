import { describe, expect, it } from 'vitest';
import { selectionWords } from './undo-words.ts';

describe('what an undo takes back, in words', () => {
  const titles = new Map([['s1', 'Fix the build']]);
  const words = (selection: object, undoes: string | null = null) => selectionWords({ selection, undoes }, titles);

  it('names the session, and how it was narrowed', () => {
    expect(words({ sessionIds: ['s1'] })).toBe('Fix the build');
    expect(words({ sessionIds: ['s1'], paths: ['a', 'b', 'c', 'd'] })).toBe('Fix the build · a, b, c and 1 more');
    expect(words({ sessionIds: ['s1', 's2'] })).toBe('2 sessions');
    expect(words({ sessionIds: ['unknown'] })).toBe('a session');
    expect(words({ changeIds: ['c'] })).toBe('1 change');
    expect(words({ sincePoint: 'p', entities: ['e'] })).toBe('an entity · since a rollback point');
  });

  it('says that it takes back an undo, or that nothing narrower was named', () => {
    expect(words({ undoId: 'u' }, 'u')).toBe('an earlier undo');
    expect(words({ upTo: 3 })).toBe('changes of a workspace');
  });
});
