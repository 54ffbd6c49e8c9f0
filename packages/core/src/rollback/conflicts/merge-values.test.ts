import { describe, expect, test } from 'vitest';
import { mergeSettingsSchema } from './merge-settings.ts';
import { type MergedValue, mergeValues } from './merge-values.ts';

const merge = (current: unknown, rollback: unknown, settings: object = {}) =>
  mergeValues(mergeSettingsSchema.parse(settings), current, rollback, null);
const mergeFrom = (base: unknown, current: unknown, rollback: unknown, settings: object = {}) =>
  mergeValues(mergeSettingsSchema.parse(settings), current, rollback, { value: base });
const share = ({ preferred, leaves }: MergedValue) => [preferred, leaves];

describe('objects (RB-136, RB-137)', () => {
  test('keys of one side are all kept, those of the rollback are marked', () => {
    const merged = merge({ mine: 1, both: 2 }, { theirs: 3, both: 2 });
    expect(merged).toEqual({
      value: { mine: 1, theirs: 3, both: 2 },
      leaves: 3,
      preferred: 0,
      marks: ['+theirs'],
      kept: [],
      discarded: [],
    });
    expect(Object.keys(merged.value as object)).toEqual(['theirs', 'mine', 'both']);
  });

  test('what differs goes to the current side, or with preferNewer off to the rollback', () => {
    expect(merge({ a: 1 }, { a: 2 })).toMatchObject({
      value: { a: 1 },
      marks: ['=a(current)'],
      kept: ['a(current)'],
      discarded: ['a(rollback)'],
    });
    expect(merge({ a: 1 }, { a: 2 }, { preferNewer: false })).toMatchObject({
      value: { a: 2 },
      marks: ['=a(rollback)'],
      kept: ['a(rollback)'],
      discarded: ['a(current)'],
    });
  });

  test('preferLarger picks the longer value of each key where preferNewer is off, the rollback’s where none is', () => {
    const settings = { preferNewer: false, preferLarger: true };
    const current = { a: 'longer', b: 'x', c: 11, d: { e: 1 } };
    expect(merge(current, { a: 'short', b: 'yy', c: 22, d: 7 }, settings).value).toEqual({
      a: 'longer',
      b: 'yy',
      c: 22,
      d: { e: 1 },
    });
    expect(merge({ a: 'longer' }, { a: 'short' }, { preferLarger: true, preferNewer: true }).value).toEqual({
      a: 'longer',
    });
    expect(merge({ a: 'tiny' }, { a: 'longer' }, { preferLarger: true }).value).toEqual({ a: 'tiny' });
  });

  test('objects within objects are merged, and marked before what happened in them', () => {
    const merged = merge({ deep: { er: { a: 1, b: 1 } } }, { deep: { er: { a: 2, c: 3 } } });
    expect(merged.value).toEqual({ deep: { er: { a: 1, b: 1, c: 3 } } });
    expect(merged.marks).toEqual(['~deep', '~deep.er', '=deep.er.a(current)', '+deep.er.c']);
    expect(share(merged)).toEqual([1, 3]);
  });

  test('equal objects within are no conflict, whatever the order of their keys', () => {
    const merged = merge({ a: { x: 1, y: [2] }, b: 1 }, { a: { y: [2], x: 1 }, b: 2 });
    expect(merged.marks).toEqual(['=b(current)']);
    expect(share(merged)).toEqual([1, 3]);
  });

  test('leaves are counted through what is taken whole from one side', () => {
    expect(share(merge({ a: { x: 1, y: 2 } }, { b: { p: { q: 1, r: 2, s: 3 } }, c: {} }))).toEqual([0, 6]);
    expect(share(merge({}, {}))).toEqual([0, 1]);
    expect(share(merge({ a: 1, gone: { x: 1, y: 1 } }, { a: 2 }))).toEqual([1, 3]);
  });

  test('null is a value like any other, and another kind of value goes by preference', () => {
    expect(merge({ a: null, b: { c: 1 } }, { a: { d: 1 }, b: [1] })).toMatchObject({
      value: { a: null, b: { c: 1 } },
      preferred: 2,
      leaves: 2,
    });
    expect(merge({ a: null }, { a: null })).toMatchObject({ value: { a: null }, preferred: 0 });
  });

  test('a member that is there but undefined stays where both have it', () => {
    expect(Object.keys(merge({ a: undefined, b: 1 }, { a: undefined, b: 2 }).value as object)).toEqual(['a', 'b']);
  });

  test('values that are no plain objects are taken whole', () => {
    const [mine, theirs] = [new Date(1), new Date(2)];
    expect(merge({ at: mine }, { at: theirs }).value).toEqual({ at: mine });
    expect(merge({ at: new Date(1) }, { at: new Date(1) }).preferred).toBe(0);
    expect(merge({ of: new Map([['a', 1]]) }, { of: new Map([['b', 1]]) })).toMatchObject({ preferred: 1, leaves: 1 });
  });
});

describe('keys that reach the prototype (RB-137)', () => {
  test.each(['__proto__', 'constructor', 'prototype'])('%s is data to be taken whole, never a way up', (name) => {
    const object = (inner: unknown) => JSON.parse(JSON.stringify({ safe: 1, PLACE: inner }).replace('PLACE', name));
    const merged = merge(object({ polluted: 'current', mine: 1 }), object({ polluted: 'rollback', theirs: 1 }));
    expect(Object.getPrototypeOf(merged.value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getOwnPropertyDescriptor(merged.value, name)?.value).toEqual({ polluted: 'current', mine: 1 });
    expect(merged.marks).toEqual([`=${name}(current)`]);
    expect(share(merged)).toEqual([1, 2]);
  });

  test('one that only the rollback has comes as its own property', () => {
    const merged = merge({}, JSON.parse('{"__proto__": {"polluted": true}}'));
    expect((merged.value as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.hasOwn(merged.value as object, '__proto__')).toBe(true);
    expect(merged.marks).toEqual(['+__proto__']);
  });

  test('one that only one side changed is that side’s', () => {
    const at = (value: number) => ({ constructor: { at: value } });
    expect(mergeFrom(at(1), at(1), at(2))).toMatchObject({ value: at(2), preferred: 0 });
  });
});

describe('arrays (RB-137)', () => {
  test('stay arrays, whole by preference where items have no id', () => {
    expect(merge({ of: [1, 2] }, { of: [1] })).toMatchObject({ value: { of: [1, 2] }, preferred: 1, leaves: 1 });
    expect(merge([1, 2], [3])).toMatchObject({ value: [1, 2], marks: [], kept: ['current_value'] });
    expect(merge([1, 2], [3], { preferNewer: false }).value).toEqual([3]);
  });

  test('with ids are merged item by item, each new one behind the one that it followed', () => {
    const merged = merge(
      [
        { id: 'a', v: 1 },
        { id: 'b', v: 1 },
        { id: 'mine', v: 1 },
      ],
      [
        { id: 'first', v: 2 },
        { id: 'a', v: 1, w: 5 },
        { id: 'x', v: 2 },
        { id: 'y', v: 2 },
        { id: 'b', v: 2 },
      ],
    );
    expect((merged.value as { id: string }[]).map(({ id }) => id)).toEqual(['first', 'a', 'x', 'y', 'b', 'mine']);
    expect((merged.value as object[])[1]).toEqual({ id: 'a', v: 1, w: 5 });
    expect(merged.marks).toEqual(['+[first]', '~[a]', '+[a].w', '+[x]', '+[y]', '~[b]', '=[b].v(current)']);
    // first 2, a 3, x 2, y 2, b 2, mine 2
    expect(share(merged)).toEqual([1, 13]);
  });

  test('an id is one of the item’s own, a text or a number, and unique; otherwise the array is taken whole', () => {
    const whole = { preferred: 1, leaves: 1 };
    expect(merge([{ id: 1 }, { id: 1 }], [{ id: 2 }])).toMatchObject(whole);
    expect(merge([{ id: 1 }], [{ id: 2 }, { id: 2 }])).toMatchObject(whole);
    expect(merge([{ id: null }], [{ id: 2 }])).toMatchObject(whole);
    expect(merge([{ id: 1 }, 'text'], [{ id: 2 }])).toMatchObject(whole);
    expect(merge([Object.create({ id: 1 })], [{ id: 2 }])).toMatchObject(whole);
    expect(merge([{ id: 1 }], [{ id: '1' }])).toMatchObject({ value: [{ id: '1' }, { id: 1 }], preferred: 0 });
  });

  test('semanticAnalysis off takes them whole and compares as serialised', () => {
    const off = { semanticAnalysis: false };
    expect(merge([{ id: 1 }], [{ id: 2 }], off)).toMatchObject({ value: [{ id: 1 }], preferred: 1 });
    expect(merge({ a: [1, { b: 1, c: 2 }] }, { a: [1, { c: 2, b: 1 }] }, off)).toMatchObject({ preferred: 1 });
    expect(merge({ a: [1, { b: 1, c: 2 }] }, { a: [1, { b: 1, c: 2 }] }, off)).toMatchObject({ preferred: 0 });
    expect(merge({ a: undefined }, { a: 1 }, off).preferred).toBe(1);
  });
});

describe('with what both come from (RB-140, design.md §6)', () => {
  const base = { kept: 1, mine: 1, theirs: 1, both: 1, goneHere: 1, goneThere: 1 };

  test('what one side left alone is the other side’s, removals included', () => {
    const merged = mergeFrom(
      base,
      { kept: 1, mine: 2, theirs: 1, both: 2, goneThere: 1, newHere: 1 },
      { kept: 1, mine: 1, theirs: 3, both: 3, goneHere: 1, newThere: 1 },
    );
    expect(merged.value).toEqual({ kept: 1, mine: 2, theirs: 3, both: 2, newHere: 1, newThere: 1 });
    expect(merged.marks.sort()).toEqual(['+newThere', '-goneThere', '=both(current)', '~theirs']);
    expect(merged.preferred).toBe(1);
  });

  test('changed by one and removed by the other goes by preference', () => {
    expect(mergeFrom({ a: 1 }, { a: 2 }, {})).toMatchObject({ value: { a: 2 }, preferred: 1 });
    expect(mergeFrom({ a: 1 }, { a: 2 }, {}, { preferNewer: false })).toMatchObject({ value: {}, preferred: 1 });
    expect(mergeFrom({ a: 1 }, {}, { a: 2 })).toMatchObject({ value: {}, preferred: 1 });
  });

  test('a base of another kind says nothing of what is within', () => {
    expect(mergeFrom(7, { a: 1 }, { b: 2 }).value).toEqual({ a: 1, b: 2 });
    expect(mergeFrom({ of: 'text' }, { of: [{ id: 1 }] }, { of: [{ id: 2 }] }).value).toEqual({
      of: [{ id: 2 }, { id: 1 }],
    });
  });

  test('texts within are merged by line where their changes do not touch, else by preference', () => {
    const merged = mergeFrom({ t: 'a\nb\nc\nd\ne' }, { t: 'A\nb\nc\nd\ne' }, { t: 'a\nb\nc\nd\nE' });
    expect(merged).toMatchObject({ value: { t: 'A\nb\nc\nd\nE' }, preferred: 0, marks: ['~t'] });
    expect(mergeFrom({ t: 'a' }, { t: 'b' }, { t: 'c' })).toMatchObject({ value: { t: 'b' }, preferred: 1 });
  });

  test('arrays without ids are merged over their items, else by preference', () => {
    expect(mergeFrom({ of: [1, 2, 3, 4] }, { of: [0, 1, 2, 3, 4] }, { of: [1, 2, 3] })).toMatchObject({
      value: { of: [0, 1, 2, 3] },
      preferred: 0,
      marks: ['~of'],
    });
    expect(mergeFrom([1, 2], [1, 3], [1, 4])).toMatchObject({ value: [1, 3], preferred: 1 });
    expect(mergeFrom([{ a: 1 }, { b: 1 }, 7], [{ a: 1 }, 7], [{ a: 1 }, { b: 1 }, 7, { c: 1 }]).value).toEqual([
      { a: 1 },
      7,
      { c: 1 },
    ]);
  });

  test('arrays with ids lose what one side removed', () => {
    const item = (id: number, v = 1) => ({ id, v });
    expect(mergeFrom([item(1), item(2)], [item(1), item(2, 9)], [item(2), item(3)])).toMatchObject({
      value: [item(2, 9), item(3)],
      preferred: 0,
    });
  });
});
