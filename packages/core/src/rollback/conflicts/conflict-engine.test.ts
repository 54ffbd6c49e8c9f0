import { describe, expect, test } from 'vitest';
import { ConflictEngine, type ResolvedConflict } from './conflict-engine.ts';
import {
  abortOnConflict,
  askUser,
  type ConflictResolution,
  mergeConflicts,
  overwriteConflicts,
  skipConflicts,
} from './conflict-resolution.ts';
import { complexityOf } from './merge-complexity.ts';
import type { MergeSettings } from './merge-settings.ts';
import type { ConflictType, RollbackConflict } from './rollback-conflict.ts';

function engineWith(settings: Partial<MergeSettings> = {}) {
  const errors: unknown[] = [];
  const resolved: ResolvedConflict[] = [];
  const engine = new ConflictEngine({
    settings,
    onError: (error) => errors.push(error),
    onResolved: (one) => resolved.push(one),
  });
  return { engine, errors, resolved };
}

function conflictOf(currentValue: unknown, rollbackValue: unknown, type: ConflictType = 'value_mismatch') {
  return { path: 'config:app', type, currentValue, rollbackValue } satisfies RollbackConflict;
}

const A20 = conflictOf(
  { port: 8080, environment: 'production', features: ['auth', 'logging', 'metrics'] },
  { port: 3000, environment: 'development', features: ['auth', 'logging'] },
);
const NOTHING = { kept: [], discarded: [], merged: [] };

describe('A20', () => {
  test('a conflicted merge keeps the current values, says 60 and warns; arrays stay arrays', () => {
    const result = engineWith().engine.smartMerge(A20);
    expect(result).toMatchObject({ success: true, strategy: 'merge', confidence: 60 });
    expect(result.mergedValue).toEqual(A20.currentValue);
    expect(Array.isArray((result.mergedValue as { features: unknown }).features)).toBe(true);
    expect(result.warnings).toEqual(['3 of 3 values were in conflict and settled by preference.']);
    expect(result.appliedChanges).toEqual({
      kept: ['port(current)', 'environment(current)', 'features(current)'],
      discarded: ['port(rollback)', 'environment(rollback)', 'features(rollback)'],
      merged: ['=port(current)', '=environment(current)', '=features(current)'],
    });
  });

  test('priority 9 overwrites with 90, priority 2 skips with 100', () => {
    const { engine } = engineWith();
    const overwritten = engine.smartMerge(A20, { priority: 9 });
    expect(overwritten).toMatchObject({ success: true, strategy: 'overwrite', confidence: 90 });
    expect(overwritten.mergedValue).toEqual(A20.rollbackValue);
    expect(overwritten.warnings).toHaveLength(1);
    expect(overwritten.appliedChanges).toEqual({ kept: ['rollback'], discarded: ['current'], merged: [] });
    const skipped = engine.smartMerge(A20, { priority: 2 });
    expect(skipped).toMatchObject({ success: true, strategy: 'skip', confidence: 100 });
    expect(skipped.mergedValue).toEqual(A20.currentValue);
    expect(skipped.warnings).toHaveLength(1);
    expect(skipped.appliedChanges).toEqual({ kept: ['current'], discarded: ['rollback'], merged: [] });
  });
});

describe('A21', () => {
  test('abort fails, merges nothing and tells nobody of a resolution', async () => {
    const { engine, resolved } = engineWith();
    const result = await engine.resolveConflict(A20, abortOnConflict());
    expect(result).toEqual({
      success: false,
      strategy: 'abort',
      confidence: 0,
      mergedValue: undefined,
      warnings: [expect.any(String)],
      appliedChanges: NOTHING,
    });
    expect(resolved).toEqual([]);
  });

  test('merging 1 with 2 gives 1 at 60', async () => {
    const { engine } = engineWith();
    const result = await engine.resolveConflict(conflictOf(1, 2), mergeConflicts());
    expect(result).toMatchObject({
      success: true,
      strategy: 'merge',
      mergedValue: 1,
      confidence: 60,
      appliedChanges: { kept: ['current_value'], discarded: ['rollback_value'], merged: [] },
    });
  });
});

describe('complexity (RB-132)', () => {
  test.each<[ConflictType, number]>([
    ['value_mismatch', 10],
    ['type_mismatch', 50],
    ['dependency_conflict', 100],
    ['missing_target', 25],
    ['permission_denied', 25],
  ])('of a %s with nothing in it is %i', (type, weight) => {
    expect(complexityOf(conflictOf(undefined, 1, type))).toBe(weight);
  });

  test('counts the length of the longer value and the keys of the current object, rounded', () => {
    expect(complexityOf(conflictOf('x'.repeat(240), 'y'))).toBe(12);
    expect(complexityOf(conflictOf('x', 'y'.repeat(250)))).toBe(13);
    expect(complexityOf(conflictOf({ a: 1, b: 2 }, 'y'.repeat(400)))).toBe(24);
    expect(complexityOf(conflictOf('y'.repeat(400), { a: 1, b: 2 }))).toBe(14);
    expect(complexityOf(conflictOf([1, 2, 3], 1))).toBe(10);
  });

  test('above the most that is allowed nothing is merged; at it, all is', () => {
    const conflict = conflictOf('x'.repeat(240), 'y');
    expect(engineWith({ maxComplexity: 12 }).engine.smartMerge(conflict).success).toBe(true);
    expect(engineWith({ maxComplexity: 11 }).engine.smartMerge(conflict)).toEqual({
      success: false,
      strategy: 'ask_user',
      confidence: 0,
      mergedValue: undefined,
      warnings: ['This is too complex to merge: 12, where 11 is the most.'],
      appliedChanges: NOTHING,
    });
  });
});

describe('choice of strategy (RB-133)', () => {
  test.each<[string, ConflictType, number | undefined, Partial<MergeSettings>, string, boolean]>([
    ['priority above 8', 'permission_denied', 8.5, {}, 'overwrite', true],
    ['priority 8 is none', 'value_mismatch', 8, {}, 'merge', true],
    ['priority below 3', 'permission_denied', 2.5, {}, 'skip', true],
    ['priority 3 is none', 'value_mismatch', 3, {}, 'merge', true],
    ['a missing target', 'missing_target', undefined, {}, 'skip', true],
    ['a refusal to write', 'permission_denied', undefined, {}, 'ask_user', false],
    ['another kind of value', 'type_mismatch', undefined, {}, 'ask_user', false],
    [
      'another kind, structure not preserved',
      'type_mismatch',
      undefined,
      { preserveStructure: false },
      'overwrite',
      true,
    ],
    ['another value', 'value_mismatch', undefined, {}, 'merge', true],
    ['a dependency', 'dependency_conflict', undefined, {}, 'merge', true],
  ])('%s', (_name, type, priority, settings, strategy, success) => {
    const result = engineWith(settings).engine.smartMerge(
      conflictOf({ a: 1 }, { a: 2 }, type),
      priority === undefined ? {} : { priority },
    );
    expect(result).toMatchObject({ strategy, success });
    if (!success) expect(result).toMatchObject({ confidence: 0, appliedChanges: NOTHING });
  });
});

describe('merging (RB-135, RB-138, RB-139)', () => {
  test('single values go by preference at 60', () => {
    expect(engineWith().engine.smartMerge(conflictOf(null, 'x'))).toMatchObject({ mergedValue: null, confidence: 60 });
    expect(engineWith({ preferNewer: false }).engine.smartMerge(conflictOf(1, 2))).toMatchObject({
      mergedValue: 2,
      confidence: 60,
      appliedChanges: { kept: ['rollback_value'], discarded: ['current_value'] },
    });
  });

  test('confidence falls by 35 with the share of what preference settled, rounded', () => {
    const { engine } = engineWith();
    const confidence = (current: unknown, rollback: unknown) =>
      engine.smartMerge(conflictOf(current, rollback)).confidence;
    expect(confidence({ a: 1 }, { b: 2 })).toBe(95);
    expect(confidence({ a: 1, b: 1 }, { a: 2, b: 1 })).toBe(78);
    expect(confidence({ a: 1, b: 1, c: 1 }, { a: 2, b: 1 })).toBe(83);
  });

  test('warns when more than half was settled by preference', () => {
    const { engine } = engineWith();
    const warnings = (current: unknown, rollback: unknown) => engine.smartMerge(conflictOf(current, rollback)).warnings;
    expect(warnings({ a: 1, b: 1 }, { a: 2, b: 1 })).toEqual([]);
    expect(warnings({ a: 1, b: 1, c: 1 }, { a: 2, b: 2, c: 1 })).toEqual([
      '2 of 3 values were in conflict and settled by preference.',
    ]);
  });

  test('equal values are merged at 95', () => {
    const { engine } = engineWith();
    expect(engine.smartMerge(conflictOf('a\nb', 'a\nb'))).toMatchObject({ mergedValue: 'a\nb', confidence: 95 });
    expect(engine.smartMerge(conflictOf('', ''))).toMatchObject({ mergedValue: '', confidence: 95, warnings: [] });
  });

  test('texts begin at 80 and lose 5 for each dropped line, to 0', () => {
    const { engine } = engineWith();
    const lines = (count: number) => Array.from({ length: count }, (_, at) => `\nline ${at}`).join('');
    expect(engine.smartMerge(conflictOf('a\nb', 'a'))).toMatchObject({
      mergedValue: 'a\nb',
      confidence: 80,
      warnings: [],
      appliedChanges: { kept: ['current_lines'], discarded: [], merged: [] },
    });
    expect(engine.smartMerge(conflictOf('a', `a${lines(3)}`))).toMatchObject({
      mergedValue: 'a',
      confidence: 65,
      appliedChanges: { kept: ['current_lines'], discarded: ['rollback_lines'] },
    });
    expect(engine.smartMerge(conflictOf('a', `a${lines(17)}`)).confidence).toBe(0);
  });

  test('an empty text is told at 30 with a warning', () => {
    expect(engineWith().engine.smartMerge(conflictOf('', 'x'))).toMatchObject({
      success: true,
      mergedValue: '',
      confidence: 30,
      warnings: ['The merged text is empty.'],
    });
  });

  test('a base makes it a three-way merge', () => {
    const { engine } = engineWith();
    expect(engine.smartMerge(conflictOf('A\nb\nc', 'a\nb\nC'), { base: 'a\nb\nc' })).toMatchObject({
      mergedValue: 'A\nb\nC',
      confidence: 80,
      appliedChanges: { kept: [], discarded: [], merged: ['lines'] },
    });
    expect(engine.smartMerge(conflictOf({ a: 1 }, { a: 2 }), { base: { a: 1 } })).toMatchObject({
      mergedValue: { a: 2 },
      confidence: 95,
    });
    // An absent base is one, too: both sides came anew.
    expect(engine.smartMerge(conflictOf({ a: 1 }, { b: 2 }), { base: undefined }).mergedValue).toEqual({ a: 1, b: 2 });
    // A base of another kind says nothing about texts.
    expect(engine.smartMerge(conflictOf('a', 'b'), { base: 7 })).toMatchObject({ mergedValue: 'a', confidence: 75 });
  });

  test('allowPartialMerge off leaves to a person what only preference could settle', () => {
    const { engine } = engineWith({ allowPartialMerge: false });
    const refused = {
      success: false,
      strategy: 'ask_user',
      confidence: 0,
      warnings: [expect.stringContaining('partial')],
    };
    expect(engine.smartMerge(conflictOf({ a: 1, b: 1 }, { a: 2, b: 1 }))).toMatchObject(refused);
    expect(engine.smartMerge(conflictOf('a\nb', 'a'))).toMatchObject(refused);
    expect(engine.smartMerge(conflictOf({ a: 1 }, { b: 1 }))).toMatchObject({ success: true, confidence: 95 });
    expect(engine.smartMerge(conflictOf('A\nb\nc', 'a\nb\nC'), { base: 'a\nb\nc' }).success).toBe(true);
  });
});

describe('resolving (RB-141, RB-143, RB-241)', () => {
  test('overwrite and skip take a side, whatever the conflict', async () => {
    const { engine, resolved } = engineWith();
    const conflict = conflictOf(1, 2, 'permission_denied');
    expect(await engine.resolveConflict(conflict, overwriteConflicts())).toMatchObject({
      success: true,
      strategy: 'overwrite',
      mergedValue: 2,
      confidence: 90,
    });
    expect(await engine.resolveConflict(conflict, skipConflicts())).toMatchObject({
      success: true,
      strategy: 'skip',
      mergedValue: 1,
      confidence: 100,
    });
    expect(resolved.map(({ result }) => result.strategy)).toEqual(['overwrite', 'skip']);
    expect(resolved[0]?.conflict).toBe(conflict);
  });

  test('a merge that fails is no success, and nobody is told of it', async () => {
    const { engine, resolved } = engineWith();
    const result = await engine.resolveConflict(conflictOf(1, 'x', 'type_mismatch'), mergeConflicts());
    expect(result).toMatchObject({ success: false, strategy: 'ask_user', confidence: 0 });
    expect(resolved).toEqual([]);
  });

  test('ask_user does what the resolver answers, asked once with the conflict', async () => {
    const { engine } = engineWith();
    const asked: RollbackConflict[] = [];
    const answers = (answer: ConflictResolution) =>
      askUser(async (conflict) => {
        asked.push(conflict);
        return answer;
      });
    const conflict = conflictOf({ a: 1 }, { b: 2 });
    expect(await engine.resolveConflict(conflict, answers(skipConflicts()))).toMatchObject({ strategy: 'skip' });
    expect(asked).toEqual([conflict]);
    expect(await engine.resolveConflict(conflict, answers(mergeConflicts()))).toMatchObject({
      strategy: 'merge',
      mergedValue: { a: 1, b: 2 },
    });
    expect(await engine.resolveConflict(conflict, answers(abortOnConflict()))).toMatchObject({
      success: false,
      strategy: 'abort',
    });
  });

  test('ask_user without a resolver fails, and so does a resolver that asks again', async () => {
    const { engine, resolved } = engineWith();
    const refused = { success: false, strategy: 'ask_user', confidence: 0, mergedValue: undefined };
    expect(await engine.resolveConflict(A20, { strategy: 'ask_user' })).toMatchObject({
      ...refused,
      warnings: [expect.stringContaining('nobody')],
    });
    let calls = 0;
    const again = askUser(() => {
      calls += 1;
      return again;
    });
    expect(await engine.resolveConflict(A20, again)).toMatchObject({
      ...refused,
      warnings: [expect.stringContaining('somebody else')],
    });
    expect(calls).toBe(1);
    expect(resolved).toEqual([]);
  });

  test('RB-143: what goes wrong is an answer, and is reported', async () => {
    const { engine, errors } = engineWith();
    const failed = (message: string) => ({
      success: false,
      strategy: 'abort',
      confidence: 0,
      mergedValue: undefined,
      warnings: [message],
      appliedChanges: NOTHING,
    });
    const boom = new Error('boom');
    expect(
      await engine.resolveConflict(
        A20,
        askUser(() => {
          throw boom;
        }),
      ),
    ).toEqual(failed('boom'));
    expect(
      await engine.resolveConflict(
        A20,
        askUser(() => Promise.reject('no text')),
      ),
    ).toEqual(failed('no text'));
    const round: Record<string, unknown> = {};
    round.self = round;
    expect(engine.smartMerge(conflictOf(round, { a: 1 }))).toMatchObject({ success: false, strategy: 'abort' });
    expect(errors).toEqual([boom, 'no text', expect.any(TypeError)]);
  });

  test('a listener that throws changes nothing and is reported', async () => {
    const errors: unknown[] = [];
    const engine = new ConflictEngine({
      onError: (error) => errors.push(error),
      onResolved: () => {
        throw new Error('deaf');
      },
    });
    expect((await engine.resolveConflict(A20, skipConflicts())).success).toBe(true);
    expect(errors).toEqual([new Error('deaf')]);
  });

  test('unknown settings are refused', () => {
    expect(() => engineWith({ preferOlder: true } as Partial<MergeSettings>)).toThrow(/preferOlder/);
    expect(() => engineWith({ maxComplexity: -1 })).toThrow(/maxComplexity/);
  });
});

describe('many at once (RB-142)', () => {
  test('are grouped by the first two segments of their paths, and none is lost where paths repeat', async () => {
    const { engine, resolved } = engineWith();
    const at = (path: string, currentValue: unknown, rollbackValue: unknown): RollbackConflict => ({
      path,
      type: 'value_mismatch',
      currentValue,
      rollbackValue,
    });
    const results = await engine.resolveAll(
      [at('src/a/one', 1, 2), at('docs', 3, 4), at('src/a/two', 5, 6), at('src/a/one', 7, 8), at('src/b', 9, 10)],
      overwriteConflicts(),
    );
    expect(results.map(({ group, conflict, result }) => [group, conflict.path, result.mergedValue])).toEqual([
      ['src/a', 'src/a/one', 2],
      ['src/a', 'src/a/two', 6],
      ['src/a', 'src/a/one', 8],
      ['docs', 'docs', 4],
      ['src/b', 'src/b', 10],
    ]);
    expect(resolved).toHaveLength(5);
  });

  test('one that fails does not keep the others', async () => {
    const { engine } = engineWith();
    const results = await engine.resolveAll(
      [conflictOf(1, 'x', 'type_mismatch'), conflictOf({ a: 1 }, { b: 2 })],
      mergeConflicts(),
      { priority: 5 },
    );
    expect(results.map(({ result }) => result.success)).toEqual([false, true]);
    expect(await engine.resolveAll([conflictOf(1, 2)], mergeConflicts(), { priority: 9 })).toMatchObject([
      { result: { strategy: 'overwrite' } },
    ]);
  });
});
