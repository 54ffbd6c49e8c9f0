import type { UndoPlan } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { parseSearch, stringifySearch } from '../app/search.ts';
import {
  choicesOf,
  literalPattern,
  narrowed,
  requestOf,
  searchOfChoices,
  withDependent,
  withResolution,
} from './undo-choices.ts';

const base = { sessionIds: ['s'] };
const path = (name: string, ...changeIds: string[]) => ({ path: name, changeIds }) as UndoPlan['paths'][number];
const plan = (part: Partial<UndoPlan>) =>
  ({ workspaceId: 'w', paths: [], changeIds: [], includedDependents: [], ...part }) as UndoPlan;

describe('what is chosen for an undo', () => {
  it('comes back from the address it was written to', () => {
    const choices = {
      paths: ['src/**', 'a, b & c?.txt'],
      leave: ['über/é.md'],
      include: ['one', 'two'],
      dependents: [{ changeId: 'three', answer: 'include' as const }],
    };
    const address = stringifySearch(searchOfChoices(choices));
    expect(choicesOf(parseSearch(address))).toEqual(choices);
    expect(choicesOf(parseSearch(''))).toEqual({ paths: [], leave: [], include: [], dependents: [] });
    expect(choicesOf({ dependents: 'x.nonsense,y.skip' }).dependents).toEqual([{ changeId: 'y', answer: 'skip' }]);
  });

  it('asks for a session, narrowed by patterns, with what was named', () => {
    const choices = { paths: ['src/**'], include: ['c'], dependents: [] };
    expect(requestOf(base, choices, []).selection).toEqual({ sessionIds: ['s'], paths: ['src/**'], changeIds: ['c'] });
    expect(requestOf(base, { paths: [], include: [], dependents: [] }, []).selection).toEqual(base);
  });

  it('leaves paths out by the changes that are not theirs', () => {
    const whole = plan({
      paths: [path('a', '1', '2'), path('b', '3'), path('c', '4')],
      changeIds: ['4', '3', '2', '1'],
    });
    const request = requestOf(base, { paths: [], include: [], dependents: [] }, []);
    expect(narrowed(whole, request, [])).toBe(request);
    expect(narrowed(whole, request, ['gone since'])).toBe(request);
    expect(narrowed(whole, request, ['a'])?.selection).toEqual({ workspaceId: 'w', changeIds: ['4', '3'] });
    expect(narrowed(whole, request, ['a', 'b', 'c'])).toBeNull();
  });

  it('does not tear a change of two paths apart, and names no change that only comes along', () => {
    const whole = plan({
      paths: [path('old', '1'), path('new', '1', '2'), path('other', '3', '9')],
      changeIds: ['9', '3', '2', '1'],
      includedDependents: ['9'],
    });
    const request = requestOf(base, { paths: [], include: [], dependents: [] }, []);
    expect(narrowed(whole, request, ['old'])?.selection.changeIds).toEqual(['3', '2']);
  });

  it('answers each conflict and each dependent change once', () => {
    const at = { path: 'a', position: 3 };
    const once = withResolution([], at, { answer: 'ours' });
    const other = withResolution(once, { path: 'a', position: 4 }, { answer: 'skip' });
    expect(withResolution(other, at, { answer: 'merge', text: 'x' })).toEqual([
      { path: 'a', position: 4, answer: 'skip' },
      { path: 'a', position: 3, answer: 'merge', text: 'x' },
    ]);
    expect(withResolution(once, at, null)).toEqual([]);
    const included = withDependent([], 'd', 'include');
    expect(withDependent(included, 'd', 'skip')).toEqual([{ changeId: 'd', answer: 'skip' }]);
    expect(withDependent(included, 'd', 'conflict')).toEqual([]);
  });

  it('makes a pattern of a path that means only that path', () => {
    expect(literalPattern('app/[id]/(a)*.tsx')).toBe('app/\\[id\\]/\\(a\\)\\*.tsx');
    expect(literalPattern('src/plain-name_1.ts')).toBe('src/plain-name_1.ts');
  });
});
