import { describe, expect, test } from 'vitest';
import { drawDiff, MAX_DRAWN } from './draw-diff.ts';
import type { ConflictType, RollbackConflict } from './rollback-conflict.ts';
import type { DiffLine, DiffType } from './visual-diff.ts';

const ids = { uuid: () => 'diff-1' };

function conflictOf(current: unknown, rollback: unknown, rest: Partial<RollbackConflict> = {}): RollbackConflict {
  return { path: 'entity:a', type: 'value_mismatch', currentValue: current, rollbackValue: rollback, ...rest };
}

const draw = (current: unknown, rollback: unknown, type?: DiffType) =>
  drawDiff({ ids }, conflictOf(current, rollback), type === undefined ? {} : { type });
const shown = (changes: readonly DiffLine[]) => changes.map(({ type, content }) => `${type} ${content}`);
const lines = (count: number, prefix: string) => Array.from({ length: count }, (_, at) => `${prefix} ${at}`);

/** A diff of `same` equal lines and so many that only the current side has. */
const withSimilarity = (same: number, added: number, type: ConflictType = 'value_mismatch') =>
  drawDiff(
    { ids },
    conflictOf([...lines(same, 'same'), ...lines(added, 'new')].join('\n'), lines(same, 'same').join('\n'), { type }),
    { type: 'line' },
  );

describe('A22', () => {
  test('one line before three equal ones is one added line; low, resolvable, overwrite', () => {
    const conflict = conflictOf('new\na\nb\nc', 'a\nb\nc');
    expect(drawDiff({ ids }, conflict)).toEqual({
      id: 'diff-1',
      type: 'line',
      conflict,
      changes: [
        { type: 'added', content: 'new', confidence: 95 },
        { lineNumber: 1, type: 'context', content: 'a', confidence: 95 },
        { lineNumber: 2, type: 'context', content: 'b', confidence: 95 },
        { lineNumber: 3, type: 'context', content: 'c', confidence: 95 },
      ],
      metadata: { totalLines: 4, addedLines: 1, removedLines: 0, modifiedLines: 0, similarity: 75 },
      summary: {
        severity: 'low',
        autoResolvable: true,
        recommendedStrategy: 'overwrite',
        reason: 'The two sides are the same in part (75 %): check what would be lost.',
        impact: { entities: ['a'], relationships: [], dependencies: [] },
      },
    });
  });
});

describe('type (RB-145)', () => {
  test.each<[string, unknown, unknown, DiffType]>([
    ['a line end on the current side', 'a\n', 'b', 'line'],
    ['a line end on the rollback’s side', 'a', 'b\n', 'line'],
    ['over 100 characters now', 'x'.repeat(101), '', 'word'],
    ['over 100 characters before', '', 'x'.repeat(101), 'word'],
    ['100 characters', 'x'.repeat(100), 'y', 'char'],
    ['empty texts', '', '', 'char'],
    ['objects', {}, { a: 1 }, 'json'],
    ['arrays', [], [1], 'json'],
    ['maps', new Map(), new Map([[1, 2]]), 'json'],
    ['sets', new Set(), new Set([1]), 'json'],
    ['an array and an object', [], {}, 'semantic'],
    ['null', null, {}, 'semantic'],
    ['nothing', undefined, 'text', 'semantic'],
    ['zero and false', 0, false, 'semantic'],
    ['dates', new Date(0), new Date(1), 'semantic'],
  ])('of %s', (_name, current, rollback, type) => {
    expect(draw(current, rollback).type).toBe(type);
  });

  test('may be asked for', () => {
    expect(draw('a b', 'a c', 'word').changes[0]?.tokens?.map(({ text }) => text)).toEqual(['a ', 'c', 'b']);
    expect(shown(draw({ a: 1 }, 7, 'line').changes)).toEqual(['modified {"a":1}']);
  });
});

describe('lines (RB-146, RB-149, RB-150)', () => {
  test('removed is what only the rollback has; the old side’s lines are numbered', () => {
    const { changes, metadata } = draw('a\nc\nd', 'a\nb\nc');
    expect(changes.map(({ lineNumber, type, content }) => [lineNumber, type, content])).toEqual([
      [1, 'context', 'a'],
      [2, 'removed', 'b'],
      [3, 'context', 'c'],
      [undefined, 'added', 'd'],
    ]);
    expect(metadata).toEqual({ totalLines: 4, addedLines: 1, removedLines: 1, modifiedLines: 0, similarity: 50 });
  });

  test('lines that were replaced are paired as modified, with what changed in them', () => {
    const { changes, metadata } = draw('x\nlet port = 8080;\nextra\ny', 'x\nlet port = 3000;\ny');
    expect(changes[1]).toEqual({
      lineNumber: 2,
      type: 'modified',
      content: 'let port = 8080;',
      originalContent: 'let port = 3000;',
      confidence: 95,
      tokens: [
        { text: 'let port = ', type: 'unchanged', start: 0, end: 11 },
        { text: '3000', type: 'removed', start: 11, end: 15 },
        { text: '8080', type: 'added', start: 11, end: 15 },
        { text: ';', type: 'unchanged', start: 15, end: 16 },
      ],
    });
    expect(shown(changes)).toEqual(['context x', 'modified let port = 8080;', 'added extra', 'context y']);
    expect(metadata).toMatchObject({ totalLines: 4, modifiedLines: 1, addedLines: 1, removedLines: 0, similarity: 50 });
    expect(shown(draw('x\none\ny', 'x\ntwo\nthree\ny').changes)).toEqual([
      'context x',
      'modified one',
      'removed three',
      'context y',
    ]);
  });

  test('a final line end shows only where one side lacks it', () => {
    expect(draw('a\nb\n', 'a\nb\n').metadata).toMatchObject({ totalLines: 2, similarity: 100 });
    expect(shown(draw('a\nb\n', 'a\nb').changes)).toEqual(['context a', 'context b', 'added ']);
    expect(shown(draw('a\nb', 'a\nb\n').changes)).toEqual(['context a', 'context b', 'removed ']);
    expect(draw('', '', 'line').metadata).toEqual({
      totalLines: 0,
      addedLines: 0,
      removedLines: 0,
      modifiedLines: 0,
      similarity: 100,
    });
    expect(shown(draw('\n', '').changes)).toEqual(['added ', 'added ']);
  });

  test('texts too different to be searched are told as such, and longer ones than can be shown are refused (RB-244)', () => {
    const shuffled = (step: number) =>
      Array.from({ length: 9_973 }, (_, at) => `line ${(at * step) % 9_973}`).join('\n');
    const { changes, metadata } = draw(shuffled(1), shuffled(5_000));
    expect(metadata.totalLines).toBeGreaterThanOrEqual(9_973);
    expect(new Set(changes.filter(({ type }) => type !== 'context').map(({ confidence }) => confidence))).toEqual(
      new Set([50]),
    );
    const long = 'x'.repeat(MAX_DRAWN + 1);
    expect(() => draw(long, 'y')).toThrow(
      expect.objectContaining({
        code: 'VISUAL_DIFF_FAILED',
        details: { conflictPath: 'entity:a', error: expect.stringContaining(String(MAX_DRAWN)) },
      }),
    );
    expect(draw(long.slice(1), 'y').type).toBe('word');
    expect(() => draw({ long }, {})).toThrow(expect.objectContaining({ code: 'VISUAL_DIFF_FAILED' }));
  });
});

describe('words and characters (RB-150)', () => {
  test('are one line with tokens; similarity is that of the words or characters', () => {
    const { changes, metadata } = draw('abXd', 'abcd');
    expect(changes).toEqual([
      {
        lineNumber: 1,
        type: 'modified',
        content: 'abXd',
        originalContent: 'abcd',
        confidence: 95,
        tokens: [
          { text: 'ab', type: 'unchanged', start: 0, end: 2 },
          { text: 'c', type: 'removed', start: 2, end: 3 },
          { text: 'X', type: 'added', start: 2, end: 3 },
          { text: 'd', type: 'unchanged', start: 3, end: 4 },
        ],
      },
    ]);
    expect(metadata).toEqual({ totalLines: 1, addedLines: 0, removedLines: 0, modifiedLines: 1, similarity: 60 });
  });

  test('places are those of the side that a token stands on', () => {
    const tokens = draw('bcc', 'aaab', 'char').changes[0]?.tokens;
    expect(tokens).toEqual([
      { text: 'aaa', type: 'removed', start: 0, end: 3 },
      { text: 'b', type: 'unchanged', start: 0, end: 1 },
      { text: 'cc', type: 'added', start: 1, end: 3 },
    ]);
  });

  test('characters beyond the basic plane stay whole', () => {
    expect(draw('a😀', 'a😁').changes[0]?.tokens?.map(({ text }) => text)).toEqual(['a', '😁', '😀']);
  });

  test('equal texts are one line of context', () => {
    const { changes, metadata } = draw('same', 'same');
    expect(changes).toMatchObject([{ lineNumber: 1, type: 'context', content: 'same' }]);
    expect(metadata).toMatchObject({ totalLines: 1, similarity: 100 });
    expect(draw('', '').metadata.similarity).toBe(100);
  });

  test('lines of a length that nobody reads are taken whole', () => {
    const [old, next] = ['a '.repeat(6_000), 'b '.repeat(6_000)];
    const { changes, metadata } = draw(next, old);
    expect(changes[0]).toMatchObject({ confidence: 50, tokens: [{ type: 'removed' }, { type: 'added', end: 12_000 }] });
    expect(metadata.similarity).toBe(0);
    expect(draw(old, old).metadata.similarity).toBe(100);
    expect(draw('a '.repeat(5_000), 'a '.repeat(5_000 - 1)).changes[0]?.confidence).toBe(95);
    expect(draw('', 'a '.repeat(12_000)).changes[0]?.tokens).toMatchObject([{ type: 'removed' }]);
  });
});

describe('JSON (RB-147)', () => {
  test('is printed with two spaces and its keys sorted, so that their order is no difference', () => {
    const { changes, metadata } = draw({ b: { d: 1, c: [1, 2] }, a: 'x' }, { a: 'x', b: { c: [1, 3], d: 1 } });
    expect(shown(changes)).toEqual([
      'context {',
      'context   "a": "x",',
      'context   "b": {',
      'context     "c": [',
      'context       1,',
      'modified       2',
      'context     ],',
      'context     "d": 1',
      'context   }',
      'context }',
    ]);
    expect(metadata.similarity).toBe(90);
    expect(draw({ a: 1, b: 2 }, { b: 2, a: 1 }).metadata.similarity).toBe(100);
  });

  test('shows what JSON does not know', () => {
    const value = {
      at: new Date(0),
      map: new Map([['k', { v: 1 }]]),
      set: new Set([1]),
      big: 10n,
      not: Number.NaN,
      gone: undefined,
      none: {},
      zero: -0,
    };
    expect(draw(value, {}).changes.map(({ content }) => content)).toEqual([
      '{',
      '  "at": 1970-01-01T00:00:00.000Z,',
      '  "big": 10n,',
      '  "gone": undefined,',
      '  "map": Map {',
      '    "k" => {',
      '      "v": 1',
      '    }',
      '  },',
      '  "none": {},',
      '  "not": NaN,',
      '  "set": Set {',
      '    1',
      '  },',
      '  "zero": -0',
      '}',
    ]);
  });

  test('what holds itself is compared word by word', () => {
    const round: Record<string, unknown> = { name: 'round' };
    round.self = round;
    const { type, changes } = draw(round, { name: 'round' });
    expect(type).toBe('word');
    expect(changes[0]?.content).toContain('[Circular');
    // The same value twice is no circle.
    const twice = { a: 1 };
    expect(draw({ x: twice, y: twice }, {}).type).toBe('json');
  });
});

describe('meaning (RB-148)', () => {
  test('another kind is one removed and one added line with kind and value', () => {
    expect(shown(draw({ a: 1 }, null).changes)).toEqual(['removed null', 'added object: {"a":1}']);
    expect(shown(draw(0, '0').changes)).toEqual(['removed string: "0"', 'added number: 0']);
    expect(shown(draw(undefined, [1]).changes)).toEqual(['removed array: [1]', 'added absent']);
  });

  test('the same kind but different is both; equal is one line of context', () => {
    expect(shown(draw(1, 2).changes)).toEqual(['removed 2', 'added 1']);
    expect(shown(draw(true, true).changes)).toEqual(['context true']);
    expect(draw(null, null).metadata).toMatchObject({ totalLines: 1, similarity: 100 });
    expect(draw(new Date(0), new Date(1)).metadata).toMatchObject({ removedLines: 1, addedLines: 1, similarity: 0 });
  });

  test('objects and arrays by the paths of their properties', () => {
    const current = { same: 1, deep: { 'a.b': 2, 'x-y': 0 }, list: [{ id: 7, v: 1 }], plain: ['p'], fresh: 1 };
    const rollback = {
      same: 1,
      deep: { 'a.b': 3, 'x-y': 0 },
      list: [{ id: 7, v: 2 }],
      plain: ['q', 'r'],
      old: { a: 1 },
    };
    const { changes, metadata } = draw(current, rollback, 'semantic');
    expect(shown(changes)).toEqual([
      'context same: 1',
      'removed deep["a.b"]: 3',
      'added deep["a.b"]: 2',
      'context deep.x-y: 0',
      'context list[7].id: 7',
      'removed list[7].v: 2',
      'added list[7].v: 1',
      'removed plain[0]: "q"',
      'added plain[0]: "p"',
      'removed plain[1]: "r"',
      'removed old: {"a":1}',
      'added fresh: 1',
    ]);
    expect(metadata).toEqual({ totalLines: 12, addedLines: 4, removedLines: 5, modifiedLines: 0, similarity: 25 });
    expect(shown(draw({ 'a b': 1 }, { 'a b': 2 }, 'semantic').changes)).toEqual([
      'removed ["a b"]: 2',
      'added ["a b"]: 1',
    ]);
    expect(shown(draw({ a: [] }, { a: {} }, 'semantic').changes)).toEqual(['removed a: {}', 'added a: []']);
  });
});

describe('summary (RB-152, RB-153, RB-154)', () => {
  test.each<[string, number, number, string, boolean, string]>([
    ['29', 29, 71, 'critical', false, 'ask_user'],
    ['30 of few lines', 3, 7, 'medium', false, 'ask_user'],
    ['50', 5, 5, 'medium', false, 'ask_user'],
    ['over 50', 6, 5, 'medium', true, 'overwrite'],
    ['60', 3, 2, 'low', true, 'overwrite'],
    ['80', 4, 1, 'low', true, 'overwrite'],
    ['over 80', 9, 2, 'low', true, 'merge'],
    ['over 80 in 19 lines', 18, 1, 'low', true, 'merge'],
    ['over 80 in 20 lines', 19, 1, 'low', false, 'ask_user'],
  ])('similarity of %s', (_name, same, added, severity, autoResolvable, recommendedStrategy) => {
    expect(withSimilarity(same, added).summary).toMatchObject({ severity, autoResolvable, recommendedStrategy });
  });

  test('another type is high, whatever the similarity', () => {
    expect(withSimilarity(1, 9, 'type_mismatch').summary).toMatchObject({ severity: 'high', autoResolvable: false });
    expect(withSimilarity(9, 1, 'type_mismatch').summary).toMatchObject({
      severity: 'high',
      autoResolvable: true,
      recommendedStrategy: 'merge',
      reason: 'This is a conflict of type type_mismatch: the two sides are not of one kind.',
    });
  });

  test('the reason follows the severity and tells the rounded similarity', () => {
    const reason = (same: number, added: number) => withSimilarity(same, added).summary.reason;
    expect(reason(1, 6)).toBe('Hardly anything is the same (14 %): look at both sides before you decide.');
    expect(reason(4, 1)).toBe('The two sides are the same in part (80 %): check what would be lost.');
    expect(reason(6, 1)).toBe('The two sides are nearly the same (86 %) and can be merged.');
  });
});

describe('impact (RB-155)', () => {
  const impact = (path: string, context?: Record<string, unknown>) =>
    drawDiff({ ids }, { ...conflictOf(1, 2), path, ...(context ? { context } : {}) }).summary.impact;

  test('is what the path names, colons and all, and what the context lists, each once', () => {
    expect(impact('entity:urn:code:a', { entities: ['b', 'urn:code:a', 7], dependencies: ['d', null] })).toEqual({
      entities: ['urn:code:a', 'b'],
      relationships: [],
      dependencies: ['d'],
    });
    expect(impact('entity:a#name').entities).toEqual(['a']);
    expect(impact('relationship:r', { relationships: ['s'], entities: 'no list' })).toEqual({
      entities: [],
      relationships: ['r', 's'],
      dependencies: [],
    });
    expect(impact('file:entity:x')).toEqual({ entities: [], relationships: [], dependencies: [] });
  });
});

describe('secrets (RB-245)', () => {
  const current = {
    password: 'hunter2-new',
    token: 'same-secret',
    keys: [{ apiKey: 'a1' }],
    note: 'AKIAABCDEFGHIJKLMNOP',
    port: 1,
  };
  const rollback = {
    password: 'hunter2-old',
    token: 'same-secret',
    keys: [{ apiKey: 'a2' }],
    note: 'nothing',
    port: 2,
  };
  const conflict = conflictOf(current, rollback, { context: { password: 'hunter2-context', entities: ['e'] } });

  test('are hidden where asked for, and still show that they changed', () => {
    const drawn = drawDiff({ ids }, conflict, { masked: true });
    expect(JSON.stringify(drawn)).not.toMatch(/hunter2|same-secret|AKIA|a1|a2/);
    expect(drawn.conflict).toMatchObject({
      currentValue: {
        password: '[redacted] (changed)',
        token: '[redacted]',
        keys: [{ apiKey: '[redacted] (changed)' }],
        note: '[redacted]',
        port: 1,
      },
      rollbackValue: { password: '[redacted]', token: '[redacted]', keys: [{ apiKey: '[redacted]' }], port: 2 },
      context: { password: '[redacted]', entities: ['e'] },
    });
    expect(drawn.changes.filter(({ type }) => type === 'modified').map(({ content }) => content.trim())).toEqual([
      '"apiKey": "[redacted] (changed)"',
      '"note": "[redacted]",',
      '"password": "[redacted] (changed)",',
      '"port": 1,',
    ]);
  });

  test('stay where not', () => {
    expect(drawDiff({ ids }, conflict).conflict).toEqual(conflict);
  });

  test('of values without any nothing changes', () => {
    const plain = conflictOf({ a: [1, { b: 'x' }], c: 'only here' }, { a: [2], d: null });
    expect(drawDiff({ ids }, plain, { masked: true }).conflict).toEqual(plain);
    expect(drawDiff({ ids }, conflictOf('a', undefined), { masked: true }).conflict).toEqual(
      conflictOf('a', undefined),
    );
  });
});
