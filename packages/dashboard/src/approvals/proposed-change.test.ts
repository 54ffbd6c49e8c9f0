import { describe, expect, it } from 'vitest';
import { changedText, pathWithin, proposedChange } from './proposed-change.ts';

function after(given: Record<string, unknown>, before: string | null): string | null {
  const change = proposedChange(given);
  if (change === null || change.kind === 'patch') throw new Error('no such change');
  return changedText(change, before);
}

describe('what a call would change', () => {
  it('is the file as it is written', () => {
    expect(after({ filePath: '/w/a.txt', content: 'new\n' }, 'old\n')).toBe('new\n');
    expect(after({ file_path: 'a.txt', content: '' }, null)).toBe('');
  });

  it('is the file with a piece of it replaced, once or everywhere, also where the new piece looks like a pattern', () => {
    const edit = { filePath: 'a', oldString: 'x', newString: '$&y' };
    expect(after(edit, 'x x')).toBe('$&y x');
    expect(after({ ...edit, replaceAll: true }, 'x x')).toBe('$&y $&y');
    const edits = [
      { old_string: 'one', new_string: 'two' },
      { old_string: 'two', new_string: 'three' },
    ];
    expect(after({ file_path: 'a', edits }, 'one')).toBe('three');
    expect(after({ filePath: 'a', oldString: '', newString: 'made' }, null)).toBe('made');
  });

  it('cannot be told where the piece is not there', () => {
    expect(after({ filePath: 'a', oldString: 'gone', newString: 'x' }, 'other')).toBeNull();
    expect(after({ filePath: 'a', oldString: '', newString: 'x' }, 'other')).toBeNull();
  });

  it('is nothing for commands, and a patch as it is', () => {
    expect(proposedChange({ command: 'rm -rf build' })).toBeNull();
    expect(proposedChange({ filePath: 'a', limit: 3 })).toBeNull();
    expect(proposedChange({ filePath: 'a', edits: [] })).toBeNull();
    expect(proposedChange({ filePath: 'a', edits: ['x'] })).toBeNull();
    expect(proposedChange({ patchText: '*** Begin Patch' })).toEqual({ kind: 'patch', text: '*** Begin Patch' });
  });

  it('lies in the directory or outside of it', () => {
    expect(
      ['/w/src/a.ts', 'src/a.ts', './a', '/w2/a', '../a', '/w/../a', '/w/'].map((path) => pathWithin('/w', path)),
    ).toEqual(['src/a.ts', 'src/a.ts', 'a', null, null, null, null]);
  });
});
