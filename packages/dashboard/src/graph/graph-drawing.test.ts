import type { GraphTraversal } from '@signalbox/client';
import { expect, test } from 'vitest';
import { drawingOf, linesTo, namedGroups, wayTo } from './graph-drawing.ts';

/** `a<hub` : a was found by hub. */
const found = (text: string): GraphTraversal => ({
  revision: 1,
  truncated: false,
  visited: text.split(' ').map((one) => {
    const [id = '', from = null] = one.split('<');
    return { id, type: 'symbol', name: id, path: `src/${id}.ts`, depth: 0, confidence: 1, via: from && 'r', from };
  }),
});
const places = (drawing: ReturnType<typeof drawingOf>) => new Map(drawing.entities.map((one) => [one.entity.id, one]));
const told = (lines: ReturnType<typeof wayTo>) => lines.map(([a, b]) => `${a.entity.id}-${b.entity.id}`);

test('what uses something, what it uses and what does both are told apart, each with the way to it', () => {
  const drawing = drawingOf('hub', { incoming: found('hub a<hub b<a'), outgoing: found('hub a<hub c<hub') });
  expect(Object.fromEntries(drawing.roles)).toEqual({ hub: 'chosen', a: 'both', b: 'using', c: 'used' });
  expect(told(wayTo('b', places(drawing), drawing.from))).toEqual(['b-a', 'a-hub']);
  const near = linesTo('hub', drawing.entities, places(drawing), drawing.from);
  expect(told(near).sort()).toEqual(['hub-a', 'hub-c']);
});

test('of very many neighbours no lines are drawn, and no two names of groups lie over each other', () => {
  const many = Array.from({ length: 200 }, (_, n) => `u${n}<hub`).join(' ');
  const drawing = drawingOf('hub', { incoming: found(`hub ${many}`), outgoing: found('hub') });
  expect(linesTo('hub', drawing.entities, places(drawing), drawing.from)).toEqual([]);
  const [all] = drawing.groups;
  const named = namedGroups(drawing.groups, all as (typeof drawing.groups)[number]);
  expect(named.map(({ key }) => key)).toContain('src');
  expect(named.length).toBeGreaterThan(5);
  expect(named.length).toBeLessThan(drawing.groups.length);
});
