import { describe, expect, it } from 'vitest';
import { changedItems, choicesOf, requestOf, searchOfChoices } from './rollback-choices.ts';

describe('choices for a rollback', () => {
  it('stand in the address, and only where they are not as usual', () => {
    expect(searchOfChoices(choicesOf({}))).toEqual({});
    const search = { strategy: 'safe', conflicts: 'merge', since: '2026-03-04T10:00', leave: 'file:a b.ts\nconfig:x' };
    expect(choicesOf(search).leave).toEqual(['file:a b.ts', 'config:x']);
    expect(searchOfChoices(choicesOf(search))).toEqual(search);
    expect(choicesOf({ strategy: 'clever', conflicts: 'pray', since: 'soon' })).toEqual(choicesOf({}));
  });

  it('become what the API takes', () => {
    const request = (search: Parameters<typeof choicesOf>[0], kept: string[] | null = null) =>
      requestOf(choicesOf(search), kept, { 'config:x': 'skip' });
    expect(request({})).toEqual({ conflictResolution: 'abort' });
    expect(request({ strategy: 'force' })).toEqual({ conflictResolution: 'abort', strategy: 'force', confirm: true });
    expect(request({ conflicts: 'ask_user' })).toMatchObject({ resolutions: { 'config:x': 'skip' } });
    expect(request({ strategy: 'time_based', since: '2026-03-04T10:00:00Z' })).toMatchObject({
      type: 'selective',
      timebasedFilter: { rollbackToTimestamp: '2026-03-04T10:00:00.000Z' },
    });
    expect(request({ strategy: 'safe' }, ['file:a'])).toEqual({
      conflictResolution: 'abort',
      type: 'partial',
      partialSelections: [{ type: 'file', identifiers: ['file:a'] }],
    });
  });

  it('ask for nothing while they say nothing', () => {
    expect(requestOf(choicesOf({ strategy: 'time_based' }), null, {})).toBeNull();
    expect(requestOf(choicesOf({}), [], {})).toBeNull();
  });

  it('gather changes by the item that they are about', () => {
    const change = (path: string) => ({ path, operation: 'update' as const });
    const items = changedItems([change('file:src/a%23b.ts'), change('config:project#x'), change('config:project#y')]);
    expect(items.map(({ item, path, changes }) => [item, path, changes.length])).toEqual([
      ['file:src/a%23b.ts', 'files/src/a#b.ts', 1],
      ['config:project', 'configuration/project', 2],
    ]);
  });
});
