import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomCases } from '../../testing/random-cases.ts';
import { choicesFor } from './conflict-choices.ts';
import { ConflictEngine } from './conflict-engine.ts';
import { drawDiff } from './draw-diff.ts';
import type { MergeSettings } from './merge-settings.ts';
import type { RollbackConflict } from './rollback-conflict.ts';

const runs = randomCases();
const scalar = fc.oneof(fc.constantFrom(null, true, 0, 1, '', 'a', 'a\nb', 'b\na\n'), fc.integer(), fc.string());
const key = fc.constantFrom('id', 'a', 'b', 'c', '__proto__', 'constructor', 'prototype', 'x.y');
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.uniqueArray(fc.record({ id: fc.integer({ min: 0, max: 4 }), v: tie('value') }, { noNullPrototype: true }), {
      selector: ({ id }) => id,
      maxLength: 4,
    }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;
const settings: fc.Arbitrary<Partial<MergeSettings>> = fc.record({
  preferNewer: fc.boolean(),
  preferLarger: fc.boolean(),
  semanticAnalysis: fc.boolean(),
  maxComplexity: fc.constant(1_000_000),
});

function engineWith(given: Partial<MergeSettings> = {}) {
  return new ConflictEngine({
    settings: given,
    onError: (error) => {
      throw error;
    },
  });
}

const conflictOf = (currentValue: unknown, rollbackValue: unknown) =>
  ({ path: 'config:x', type: 'value_mismatch', currentValue, rollbackValue }) satisfies RollbackConflict;
const ids = { uuid: () => 'diff' };

describe('merging any values', () => {
  test('equal ones are themselves, at 95', () => {
    fc.assert(
      fc.property(value, settings, (one, given) => {
        const result = engineWith(given).smartMerge(conflictOf(one, structuredClone(one)));
        expect(result).toMatchObject({ success: true, strategy: 'merge', confidence: 95, warnings: [] });
        expect(isDeepStrictEqual(result.mergedValue, one)).toBe(true);
      }),
      runs,
    );
  });

  test('confidence stays within 0 and 100, and nobody’s prototype or input is touched', () => {
    fc.assert(
      fc.property(value, value, value, settings, fc.boolean(), (current, rollback, base, given, withBase) => {
        const before = structuredClone([current, rollback, base]);
        const context = withBase ? { base } : {};
        const { success, confidence, mergedValue } = engineWith(given).smartMerge(
          conflictOf(current, rollback),
          context,
        );
        expect(success).toBe(true);
        expect(confidence).toBeGreaterThanOrEqual(0);
        expect(confidence).toBeLessThanOrEqual(100);
        expect(isDeepStrictEqual([current, rollback, base], before)).toBe(true);
        expect(Object.keys(Object.prototype)).toEqual([]);
        if (typeof mergedValue === 'object' && mergedValue !== null) {
          expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(mergedValue));
        }
      }),
      runs,
    );
  });

  test('one more key that preference settles never raises confidence', () => {
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value, { maxKeys: 4, noNullPrototype: true });
    fc.assert(
      fc.property(object, object, settings, (current, rollback, given) => {
        const engine = engineWith(given);
        const without = engine.smartMerge(conflictOf(current, rollback));
        const within = engine.smartMerge(conflictOf({ ...current, extra: 1 }, { ...rollback, extra: 2 }));
        expect(within.confidence).toBeLessThanOrEqual(without.confidence);
      }),
      runs,
    );
  });

  test('with a base that one side left alone, the other side is what comes of it', () => {
    fc.assert(
      fc.property(value, value, settings, (base, changed, given) => {
        const engine = engineWith(given);
        const merged = (current: unknown, rollback: unknown) =>
          engine.smartMerge(conflictOf(current, rollback), { base }).mergedValue;
        expect(isDeepStrictEqual(merged(base, changed), changed)).toBe(true);
        expect(isDeepStrictEqual(merged(changed, base), changed)).toBe(true);
      }),
      runs,
    );
  });

  test('no key of either side is lost without a base', () => {
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), value, {
      maxKeys: 5,
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(object, object, (current, rollback) => {
        const { mergedValue } = engineWith({ maxComplexity: 1_000_000 }).smartMerge(conflictOf(current, rollback));
        const names = [...new Set([...Object.keys(current), ...Object.keys(rollback)])].sort();
        expect(Object.keys(mergedValue as object).sort()).toEqual(names);
      }),
      runs,
    );
  });
});

describe('drawing any values', () => {
  test('similarity is the same from both sides, whole for equal values and within 0 and 100', () => {
    fc.assert(
      fc.property(value, value, (current, rollback) => {
        const one = drawDiff({ ids }, conflictOf(current, rollback));
        const other = drawDiff({ ids }, conflictOf(rollback, current));
        expect(other.metadata.similarity).toBe(one.metadata.similarity);
        expect(other.metadata.totalLines).toBe(one.metadata.totalLines);
        expect([other.metadata.addedLines, other.metadata.removedLines]).toEqual([
          one.metadata.removedLines,
          one.metadata.addedLines,
        ]);
        expect(one.metadata.similarity).toBeGreaterThanOrEqual(0);
        expect(one.metadata.similarity).toBeLessThanOrEqual(100);
        expect(drawDiff({ ids }, conflictOf(current, structuredClone(current))).metadata.similarity).toBe(100);
      }),
      runs,
    );
  });

  test('the lines of a text diff give back both texts, its tokens both lines', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b b', 'c  d', '', 'let x = 1;'), { maxLength: 8 })
      .map((all) => all.join('\n'));
    fc.assert(
      fc.property(text, text, (current, rollback) => {
        const { changes, metadata } = drawDiff({ ids }, conflictOf(current, rollback), { type: 'line' });
        const old = changes.filter(({ type }) => type !== 'added');
        const next = changes.filter(({ type }) => type !== 'removed');
        const ended = current.endsWith('\n') && rollback.endsWith('\n') ? '\n' : '';
        expect(old.map(({ content, originalContent }) => originalContent ?? content).join('\n') + ended).toBe(rollback);
        expect(next.map(({ content }) => content).join('\n') + ended).toBe(current);
        expect(old.map(({ lineNumber }) => lineNumber)).toEqual(old.map((_, at) => at + 1));
        expect(metadata.totalLines).toBe(changes.length);
        for (const { tokens = [], content, originalContent } of changes) {
          if (originalContent === undefined) continue;
          const side = (without: string) =>
            tokens.flatMap(({ type, text: token }) => (type === without ? [] : [token])).join('');
          expect(side('removed')).toBe(content);
          expect(side('added')).toBe(originalContent);
          for (const { type, text: token, start, end } of tokens) {
            expect((type === 'removed' ? originalContent : content).slice(start, end)).toBe(token);
          }
        }
      }),
      runs,
    );
  });

  test('the choices are always ranked, and taking a side is always among them', () => {
    fc.assert(
      fc.property(value, value, (current, rollback) => {
        const { primary, alternatives } = choicesFor(engineWith(), conflictOf(current, rollback));
        const confidences = [primary, ...alternatives].map(({ confidence }) => confidence);
        expect(confidences).toEqual([...confidences].sort((one, other) => other - one));
        expect([primary, ...alternatives].map(({ id }) => id)).toEqual(
          expect.arrayContaining(['keep-current', 'use-rollback']),
        );
      }),
      runs,
    );
  });
});
