import { expect, test } from 'vitest';
import { judgePerformance } from './judge-performance.ts';
import { docLinkConfidence, isFindingKept, isTellingName } from './keep-findings.ts';
import { loadNoiseSettings, type NoiseWarning } from './noise-settings.ts';
import { isWorthKeeping, scoreInferredEdge } from './score-edge.ts';

const defaults = loadNoiseSettings({});

test('scenario 15: by default the kind of target is all that counts', () => {
  const score = (toId: string) => scoreInferredEdge({ toId }, defaults).score;
  expect([score('external:x'), score('file:a.ts:x'), score('sym:a.ts#x@1')]).toEqual([0.4, 0.6, 0.9]);
});

test('scenario 16: boosts, penalties, multiplier and bounds', () => {
  const env = { AST_BOOST_SAME_FILE: '0.2', AST_STEP_NAME_LEN: '0.01', AST_PENALTY_IMPORT_DEPTH: '0.05' };
  const edge = { toId: 'file:src\\a.ts:x', fromFile: 'src//a.ts', nameLength: 20, importDepth: 2 };
  const { score, parts } = scoreInferredEdge(edge, loadNoiseSettings(env));
  expect(score).toBeCloseTo(0.8, 12);
  expect(parts).toEqual({ base: 0.6, sameFile: 0.2, typeChecked: 0, exported: 0, nameLength: 0.1, importDepth: -0.1 });
  expect(scoreInferredEdge(edge, loadNoiseSettings({ ...env, AST_CONF_MULTIPLIER: '1.5' })).score).toBe(1);
  const crossed = loadNoiseSettings({ ...env, AST_CONF_MULTIPLIER: '1', AST_CONF_MIN: '0.95', AST_CONF_MAX: '0.5' });
  expect(scoreInferredEdge({ toId: 'sym:x' }, crossed).score).toBe(0.5);
});

test('scenario 17: settings out of their bounds are bounded, those that are nothing are told of', () => {
  const warnings: NoiseWarning[] = [];
  const settings = loadNoiseSettings(
    {
      AST_MIN_NAME_LENGTH: '99',
      PERF_SEVERITY_PERCENT_HIGH: '250',
      PERF_SEVERITY_DELTA_HIGH: '-5',
      MIN_INFERRED_CONFIDENCE: '-1',
      PERF_MIN_HISTORY: 'abc',
      AST_STOPLIST_EXTRA: ' Foo,,BAR ',
    },
    (warning) => warnings.push(warning),
  );
  expect([
    settings.AST_MIN_NAME_LENGTH,
    settings.PERF_SEVERITY_PERCENT_HIGH,
    settings.PERF_SEVERITY_DELTA_HIGH,
    settings.MIN_INFERRED_CONFIDENCE,
    settings.PERF_MIN_HISTORY,
    [...settings.AST_STOPLIST_EXTRA],
  ]).toEqual([32, 100, 0, 0, 5, ['foo', 'bar']]);
  expect(warnings.map(({ setting }) => setting)).toEqual(['PERF_MIN_HISTORY']);
});

test('a number with something behind it is none, and no severity is guessed (KG-151, KG-152)', () => {
  const warnings: NoiseWarning[] = [];
  const settings = loadNoiseSettings({ AST_CONF_FILE: '0.5abc', SECURITY_MIN_SEVERITY: 'huge' }, (w) =>
    warnings.push(w),
  );
  expect([settings.AST_CONF_FILE, settings.SECURITY_MIN_SEVERITY]).toEqual([0.6, 'medium']);
  expect(warnings.map(({ setting, value }) => [setting, value])).toEqual([
    ['AST_CONF_FILE', '0.5abc'],
    ['SECURITY_MIN_SEVERITY', 'huge'],
  ]);
});

test('an inferred edge is kept from the least confidence on (KG-145)', () => {
  const settings = loadNoiseSettings({ MIN_INFERRED_CONFIDENCE: '0.6' });
  const kept = ['external:x', 'file:a:b', 'sym:x'].map((toId) =>
    isWorthKeeping(scoreInferredEdge({ toId }, settings), settings),
  );
  expect(kept).toEqual([false, true, true]);
});

test('names, documents and findings under their limits make nothing (KG-152)', () => {
  const settings = loadNoiseSettings({ AST_STOPLIST_EXTRA: 'Foo' });
  expect(['ab', 'abc', 'FOO'].map((name) => isTellingName(name, settings))).toEqual([false, true, false]);
  const links = [
    ['short', 1],
    ['short', 2],
    ['short', 9],
    ['aDistinctiveName', 1],
    ['aDistinctiveName', 0],
  ] as const;
  expect(links.map(([name, mentions]) => docLinkConfidence(name, mentions, settings))).toEqual([
    null,
    expect.closeTo(0.6, 9),
    1,
    0.8,
    null,
  ]);
  expect(isFindingKept('medium', 0.6, settings)).toBe(true);
  expect(isFindingKept('low', 1, settings)).toBe(false);
  expect(isFindingKept('critical', 0.59, settings)).toBe(false);
});

test('performance: the highest band of which both limits are reached, and enough runs to say so (KG-153)', () => {
  const measured = { delta: 1_500, percentChange: 60, runs: 5, average: 100, p95: 2_001 };
  expect(judgePerformance(measured, defaults)).toEqual({
    severity: 'high',
    trend: 'regression',
    edges: ['PERFORMANCE_REGRESSION', 'PERFORMANCE_IMPACT'],
  });
  expect(judgePerformance({ ...measured, runs: 4, p95: 2_000 }, defaults)).toMatchObject({
    trend: 'regression',
    edges: [],
  });
  expect(judgePerformance({ ...measured, runs: 2 }, defaults).trend).toBe('neutral');
  expect(judgePerformance({ ...measured, delta: -300, percentChange: -10 }, defaults)).toMatchObject({
    severity: null,
    trend: 'improvement',
  });
  expect(judgePerformance({ ...measured, percentChange: null }, defaults).severity).toBe(null);
});
