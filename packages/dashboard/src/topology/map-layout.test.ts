import type { ServiceMap } from '@signalbox/client';
import { expect, test } from 'vitest';
import { placeServices } from './map-layout.ts';

const mapOf = (text: string, alone: string[] = []) => {
  const edges = text.split(' ').map((edge) => edge.split('>') as [string, string]);
  const keys = [...new Set([...edges.flat().map((key) => key.replace('~', '')), ...alone])].sort();
  return {
    services: keys.map((key) => ({ key })),
    // `~` in front: not seen for long.
    edges: edges.map(([source, target]) => ({ source: source.replace('~', ''), target, stale: source[0] === '~' })),
  } as unknown as ServiceMap;
};
const columns = (map: ServiceMap) =>
  Object.fromEntries([...placeServices(map)].sort().map(([key, { column }]) => [key, column]));

test('a service stands right of all that depend on it, by the longest way', () => {
  expect(columns(mapOf('web>cart cart>db web>db', ['alone']))).toEqual({ alone: 0, cart: 1, db: 2, web: 0 });
});

test('a cycle is opened where it was entered, and each service has a place of its own', () => {
  const map = mapOf('web>a a>b b>c c>a b>d x>y y>x');
  expect(columns(map)).toMatchObject({ web: 0, a: 1, b: 2, c: 3, d: 3 });
  const places = [...placeServices(map).values()].map(({ column, row }) => `${column}/${row}`);
  expect(new Set(places).size).toBe(map.services.length);
});

test('those of one column stand in the order of what depends on them', () => {
  const places = placeServices(mapOf('a>z b>y'));
  expect([places.get('z')?.row, places.get('y')?.row]).toEqual([0, 1]);
});

test('what is stale does not say where a cycle is entered', () => {
  expect(columns(mapOf('~a>d web>b b>d d>b'))).toEqual({ a: 0, b: 1, d: 2, web: 0 });
});

test('a column that is too tall stands beside itself, and what it depends on right of all of it', () => {
  const many = Array.from({ length: 17 }, (_, n) => `s${n + 10}>db`).join(' ');
  const places = placeServices(mapOf(many));
  expect(places.get('db')).toEqual({ column: 3, row: 0 });
  expect(Math.max(...[...places.values()].map(({ row }) => row))).toBe(5);
});
