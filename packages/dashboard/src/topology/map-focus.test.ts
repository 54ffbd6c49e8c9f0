import type { CycleAlert, ServiceMap } from '@signalbox/client';
import { expect, test } from 'vitest';
import { focusMap } from './map-focus.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];
const map = {
  services: KEYS.map((key) => ({ key, criticality: key === 'd' ? 'critical' : 'medium' })),
  edges: ['a>b', 'b>c', 'c>f', 'e>f', 'a>f'].map((edge) => ({ source: edge[0], target: edge[2] })),
} as unknown as ServiceMap;
const drawn = (chosen: string | undefined, most: number, circles: string[][] = []) => {
  const focus = focusMap(map, circles.map((path) => ({ path })) as CycleAlert[], chosen, most);
  return [
    focus.services.map(({ key }) => key).join(''),
    focus.edges.map(({ source, target }) => `${source}>${target}`),
  ];
};

test('a small map is drawn whole, of a large one circles, then the critical, then what most depend on', () => {
  expect(drawn(undefined, 6)).toEqual(['abcdef', ['a>b', 'b>c', 'c>f', 'e>f', 'a>f']]);
  expect(drawn(undefined, 2)).toEqual(['df', []]);
  expect(drawn(undefined, 3, [['e', 'b']])).toEqual(['bde', []]);
});

test('around a chosen service the nearest are drawn', () => {
  expect(drawn('b', 3)).toEqual(['abc', ['a>b', 'b>c']]);
  expect(drawn('b', 4)).toEqual(['abcf', ['a>b', 'b>c', 'c>f', 'a>f']]);
  expect(drawn('gone', 1)).toEqual(['d', []]);
});
