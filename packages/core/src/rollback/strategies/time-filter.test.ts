import { describe, expect, it } from 'vitest';
import type { DiffEntry } from '../diff/index.ts';
import { filterByTime, saysFromWhen, temporalConflicts, timeFilterSchema, timeOf } from './time-filter.ts';

const NOW = new Date('2026-01-02T00:00:00.000Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms).toISOString();
const change = (path: string, timestamp?: unknown): DiffEntry => ({
  path,
  operation: 'update',
  oldValue: 1,
  newValue: 2,
  ...(timestamp !== undefined && { metadata: { timestamp } }),
});
const passing = (filter: object, ...changes: DiffEntry[]) =>
  filterByTime(changes, timeFilterSchema.parse(filter), NOW).selected.map(({ path }) => path);

describe('when a change was made', () => {
  it.each<[string, Partial<DiffEntry>, number | null]>([
    ['its own time', { metadata: { timestamp: ago(5) }, path: 'file:2020-01-01T00:00:00' }, NOW.getTime() - 5],
    ['the time in its path, as UTC', { path: 'file:log-2020-01-01T00:00:00.5' }, Date.UTC(2020, 0, 1, 0, 0, 0, 500)],
    [
      'the time of what is there',
      { oldValue: { timestamp: ago(7) }, newValue: { timestamp: ago(9) } },
      NOW.getTime() - 7,
    ],
    ['the time of what was there', { oldValue: null, newValue: { timestamp: NOW } }, NOW.getTime()],
    ['a number', { metadata: { timestamp: 12 } }, 12],
    ['unknown for text that is no time', { metadata: { timestamp: 'yesterday' } }, null],
    ['unknown for what is no number', { metadata: { timestamp: Number.NaN } }, null],
    ['unknown for a date that is none', { metadata: { timestamp: new Date(Number.NaN) } }, null],
    ['unknown', {}, null],
  ])('is %s', (_, given, expected) => {
    expect(timeOf({ ...change('entity:a'), ...given })).toBe(expected);
  });
});

describe('a filter by time', () => {
  const MINUTE = 60_000;
  it.each<[string, object, string[]]>([
    ['leaves what was before a moment', { rollbackToTimestamp: ago(10 * MINUTE) }, ['new']],
    ['leaves what was at that moment', { rollbackToTimestamp: ago(2 * MINUTE) }, []],
    ['includes what came after a moment', { includeChangesAfter: ago(2 * MINUTE + 1) }, ['new']],
    ['leaves what was at that moment too', { includeChangesAfter: ago(2 * MINUTE) }, []],
    ['excludes what came after a moment', { maxChangeAge: 1e12, excludeChangesAfter: ago(10 * MINUTE) }, ['old']],
    ['keeps what was at that moment', { maxChangeAge: 1e12, excludeChangesAfter: ago(2 * MINUTE) }, ['new', 'old']],
    ['leaves what is too old', { maxChangeAge: 2 * MINUTE - 1 }, []],
    ['takes what is just young enough', { maxChangeAge: 2 * MINUTE }, ['new']],
  ])('%s', (_, filter, expected) => {
    expect(passing(filter, change('old', ago(1_380 * MINUTE)), change('new', ago(2 * MINUTE)))).toEqual(expected);
  });

  it('takes the newest first, the undated last or not at all, and counts them', () => {
    const changes = [change('undated'), change('first', ago(9)), change('last', ago(3)), change('also undated')];
    const filter = { maxChangeAge: 100 };
    expect(passing(filter, ...changes)).toEqual(['last', 'first', 'undated', 'also undated']);
    expect(passing({ ...filter, undated: 'exclude' }, ...changes)).toEqual(['last', 'first']);
    expect(filterByTime(changes, timeFilterSchema.parse(filter), NOW).undated).toBe(2);
  });

  it.each([
    [{ excludeChangesAfter: ago(1) }, false],
    [{}, false],
    [{ rollbackToTimestamp: ago(1) }, true],
    [{ includeChangesAfter: ago(1) }, true],
    [{ maxChangeAge: 1 }, true],
  ])('%o says from when on: %s', (filter, expected) => {
    expect(saysFromWhen(timeFilterSchema.parse(filter))).toBe(expected);
  });
});

describe('changes of one path', () => {
  it('A19: are in conflict 59,999 ms apart, and not 60,000 ms apart', () => {
    const near = temporalConflicts([change('p', ago(0)), change('p', ago(59_999))]);
    expect(near).toEqual([
      {
        path: 'p',
        type: 'value_mismatch',
        currentValue: 1,
        rollbackValue: 2,
        context: { temporalConflict: true, timestamps: [ago(59_999), ago(0)] },
      },
    ]);
    expect(temporalConflicts([change('p', ago(0)), change('p', ago(60_000))])).toEqual([]);
  });

  it('are in conflict pair by pair, in any order, undated and other paths left out', () => {
    const changes = [
      change('p', ago(100_000)),
      change('q', ago(0)),
      change('p', ago(0)),
      change('p'),
      change('p', ago(50_000)),
    ];
    const conflicts = temporalConflicts(changes);
    expect(conflicts.map(({ path }) => path)).toEqual(['p', 'p']);
    expect(conflicts[0]?.context?.timestamps).toEqual([ago(100_000), ago(50_000), ago(0)]);
  });
});
