import { describe, expect, it } from 'vitest';
import { pathsOf, phaseWords } from './path-phases.ts';

describe('phases of a run that are about paths', () => {
  it('are said in words, others as they are', () => {
    expect(phaseWords('paths_waiting')).toContain('Waits');
    expect(phaseWords('compacting')).toBe('compacting');
    expect(phaseWords('toString')).toBe('toString');
    expect(phaseWords(undefined)).toBe('status');
  });

  it('name one path or several, and nothing that is no path', () => {
    expect(pathsOf({ path: 'src/a.ts' })).toEqual(['src/a.ts']);
    expect(pathsOf({ paths: ['a', 7, 'b'] })).toEqual(['a', 'b']);
    expect(pathsOf({ paths: 'all' })).toEqual([]);
    expect(pathsOf(null)).toEqual([]);
  });
});
