import { describe, expect, it } from 'vitest';
import type { DiffEntry } from '../diff/index.ts';
import { cyclesFrom, graphOf, inDependencyOrder, reportDependencies } from './dependency-graph.ts';

const graph = (dependencies: Record<string, string[]>, reverseDependencies: Record<string, string[]> = {}) => ({
  dependencies,
  reverseDependencies,
});
const change = (path: string, operation: DiffEntry['operation'] = 'update'): DiffEntry => ({
  path,
  operation,
  oldValue: 1,
  newValue: 2,
});
const order = (changes: DiffEntry[], dependencies: Record<string, string[]>) =>
  inDependencyOrder(changes, graph(dependencies)).map(({ path }) => path);

describe('what selected changes hang on', () => {
  it('is told transitively, both ways, without what is selected', () => {
    const given = graph({ a: ['b'], b: ['c'], c: ['a2'] }, { a: ['x'], x: ['y', 'b'] });
    expect(reportDependencies(['a', 'c'], given)).toEqual({
      required: ['b', 'a2'],
      affected: ['x', 'y', 'b'],
      circular: [],
    });
    expect(reportDependencies([], given)).toEqual({ required: [], affected: [], circular: [] });
  });

  it('A18: a reverse edge makes no cycle', () => {
    const given = graph({ user: ['auth'] }, { auth: ['user'] });
    expect(reportDependencies(['user'], given)).toEqual({ required: ['auth'], affected: [], circular: [] });
  });

  it('tells each cycle once, beginning and ending with the same path', () => {
    expect(cyclesFrom(['a', 'b', 'c'], { a: ['b'], b: ['c'], c: ['a'] })).toEqual([['a', 'b', 'c', 'a']]);
    expect(cyclesFrom(['z'], { z: ['a'], a: ['b', 'a'], b: ['a'] })).toEqual([
      ['a', 'b', 'a'],
      ['a', 'a'],
    ]);
    expect(cyclesFrom(['a'], { a: ['b', 'c'], b: ['d'], c: ['d'] })).toEqual([]);
  });

  it('does not take names of the language for edges', () => {
    expect(reportDependencies(['constructor', '__proto__'], graph({}, {}))).toEqual({
      required: [],
      affected: [],
      circular: [],
    });
  });

  it('comes from live relationships: both ends, and who refers to whom', () => {
    expect(
      graphOf([
        { id: 'r', from: 'a', to: 'b' },
        { id: 's', from: 'a', to: 'c' },
      ]),
    ).toEqual({
      dependencies: {
        'entity:a': ['entity:b', 'entity:c'],
        'relationship:r': ['entity:a', 'entity:b'],
        'relationship:s': ['entity:a', 'entity:c'],
      },
      reverseDependencies: {
        'entity:a': ['relationship:r', 'relationship:s'],
        'entity:b': ['entity:a', 'relationship:r'],
        'entity:c': ['entity:a', 'relationship:s'],
      },
    });
  });
});

describe('the order of selected changes', () => {
  it('has dependencies before dependents, also through what is not changed', () => {
    expect(order([change('a'), change('b'), change('c')], { a: ['x'], x: ['c'] })).toEqual(['c', 'a', 'b']);
  });

  it('has deletes first, dependents before dependencies', () => {
    const changes = [change('w'), change('lib', 'delete'), change('app', 'delete'), change('other', 'delete')];
    const ordered = order(changes, { app: ['lib'] });
    expect(ordered.indexOf('app')).toBeLessThan(ordered.indexOf('lib'));
    expect(ordered.at(-1)).toBe('w');
    expect(ordered).toHaveLength(4);
  });

  it('is as given without dependencies, and ends with cycles', () => {
    expect(order([change('b'), change('a')], {})).toEqual(['b', 'a']);
    expect(order([change('y', 'delete'), change('x', 'delete')], {})).toEqual(['y', 'x']);
    expect(order([change('a'), change('b')], { a: ['b'], b: ['a'] })).toEqual(['b', 'a']);
  });

  it('keeps several changes of one path together', () => {
    expect(order([change('a'), change('b'), change('a')], {})).toEqual(['a', 'a', 'b']);
  });
});
