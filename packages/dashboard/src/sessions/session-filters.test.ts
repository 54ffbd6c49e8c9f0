import { describe, expect, it } from 'vitest';
import { parseSearch, searchOf, stringifySearch } from '../app/search.ts';
import { nextSort } from '../list/rows.ts';
import { isNarrowed, listQueryOf, SESSION_FILTER_NAMES, sortOf, sortText } from './session-filters.ts';

const NOW = new Date('2026-03-04T05:06:07Z');

describe('filters of the list of sessions', () => {
  it('asks the server for several statuses with `in` and for one by equality', () => {
    expect(listQueryOf({ status: 'running,failed' }, NOW)).toMatchObject({ 'status.in': 'running,failed' });
    expect(listQueryOf({ status: 'running' }, NOW)).toMatchObject({ status: 'running' });
  });

  it('puts a tag with a quote in it into valid JSON', () => {
    expect(listQueryOf({ tag: 'a"b' }, NOW)).toMatchObject({ 'tags.json_contains': '["a\\"b"]' });
  });

  it('asks the same question for the same choice within a minute', () => {
    const later = new Date('2026-03-04T05:06:59Z');
    expect(listQueryOf({ since: '24h' }, NOW)).toEqual(listQueryOf({ since: '24h' }, later));
    expect(listQueryOf({ since: '24h' }, NOW)).toMatchObject({ 'createdAt.gte': '2026-03-03T05:06:00.000Z' });
  });

  it('takes the newest first for an order that is no column', () => {
    expect(sortOf({ sort: '-secret' })).toEqual({ key: 'createdAt', order: 'desc' });
    expect(sortOf({ sort: 'title' })).toEqual({ key: 'title', order: 'asc' });
  });

  it('turns a column around when it is chosen again, and leaves the default out of the address', () => {
    const first = nextSort({ key: 'createdAt', order: 'desc' }, 'title');
    expect(first).toEqual({ key: 'title', order: 'desc' });
    expect(sortText(nextSort(first, 'title'))).toBe('title');
    expect(sortText({ key: 'createdAt', order: 'desc' })).toBeUndefined();
  });

  it('keeps what stands in the address through writing and reading, and drops what is not known', () => {
    const filters = { q: 'a b&c=d', status: 'running,failed', tag: 'ä"\'' };
    const text = stringifySearch(filters);
    expect(text).toContain('status=running,failed');
    expect(searchOf(SESSION_FILTER_NAMES)({ ...parseSearch(text.slice(1)), other: '1' })).toEqual(filters);
  });

  it('does not count an order as narrowing', () => {
    expect(isNarrowed({ sort: 'title' })).toBe(false);
    expect(isNarrowed({ q: 'x' })).toBe(true);
  });
});
