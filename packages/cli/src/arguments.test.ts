import { describe, expect, it } from 'vitest';
import { collect, collectFilter, duration, jsonObject, positiveInteger, positiveNumber } from './arguments.ts';

describe('option values', () => {
  it.each([
    ['90', 90],
    ['90s', 90],
    ['45m', 2700],
    ['12h', 43_200],
    ['30d', 2_592_000],
  ])('duration %s is %i s', (text, seconds) => expect(duration(text)).toBe(seconds));

  it.each(['', '0', '-5', '5 m', '1.5h', 'soon', '5w'])('duration %j is refused', (text) => {
    expect(() => duration(text)).toThrow(/duration/);
  });

  it.each(['0', '-1', '1.5', 'x', ''])('whole number %j is refused', (text) => {
    expect(() => positiveInteger(text)).toThrow(/whole number/);
  });

  it.each(['0', '-1', 'x', 'Infinity', ''])('number %j is refused', (text) => {
    expect(() => positiveNumber(text)).toThrow(/number above 0/);
  });

  it.each(['[]', '1', 'null', '{'])('JSON object %j is refused', (text) => {
    expect(() => jsonObject(text)).toThrow(/JSON/);
  });

  it('lists may be repeated and separated by commas', () => {
    expect(collect('c', collect('a, b,'))).toEqual(['a', 'b', 'c']);
  });

  it('filters keep what stands behind the first equals sign', () => {
    expect(collectFilter('title.like=%a=b%', collectFilter('status=running'))).toEqual({
      status: 'running',
      'title.like': '%a=b%',
    });
    expect(() => collectFilter('status')).toThrow(/field=value/);
  });
});
