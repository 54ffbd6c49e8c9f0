import { expect, it } from 'vitest';
import type { KnownEntity } from '../../history/timeline.ts';
import { sourceOf } from '../../imports/testing/fixture.ts';
import { loadNoiseSettings } from '../../noise/noise-settings.ts';
import { readSarif } from './read-sarif.ts';
import { tellFindings } from './tell-findings.ts';

const read = (...levels: string[]) =>
  readSarif(
    sourceOf(
      JSON.stringify({
        version: '2.1.0',
        runs: [
          {
            tool: { driver: { name: 'lint' } },
            results: levels.map((level) => ({ ruleId: 'r', level, message: { text: 'm' } })),
          },
        ],
      }),
    ),
  );

const DAY = 24 * 3600 * 1000;
function tell(levels: string[], before: ReadonlyMap<string, KnownEntity> = new Map(), day = 0) {
  const at = new Date(day * DAY);
  const telling = { suite: 's', runId: 'r', environment: undefined, at, noise: loadNoiseSettings({}) };
  return tellFindings(read(...levels), { entities: new Map(), symbols: new Map(), before }, telling);
}

it('a finding that is reported still is not fixed, though it is too faint to count by now (KG-301)', () => {
  const [issue] = tell(['error']).units[0]?.entities ?? [];
  const entity = { ...issue, id: String(issue?.id), type: 'securityIssue' } as KnownEntity['entity'];
  const before = new Map([[entity.id, { entity } as KnownEntity]]);
  expect(tell([], before).units[0]?.entities).toMatchObject([{ id: entity.id, status: 'fixed' }]);
  const faint = tell(['note'], before);
  expect(faint.units[0]).toMatchObject({ entities: [], relationships: [] });
  expect(faint.leftOut).toEqual({ 'findings too faint to count': 1 });
});

it('it is told for 90 days that a finding was fixed; one that is found again is open again', () => {
  const asBefore = (units: ReturnType<typeof tell>['units']) =>
    new Map(units[0]?.entities.map((one) => [one.id, { entity: one as KnownEntity['entity'] } as KnownEntity]));
  const open = asBefore(tell(['error']).units);
  const fixed = asBefore(tell([], open, 10).units);
  const [id = ''] = fixed.keys();
  const statuses = (day: number, ...levels: string[]) =>
    tell(levels, fixed, day).units[0]?.entities.map((one) => [one.id, one.status]);
  // It was seen last on day 0.
  expect(statuses(90)).toEqual([[id, 'fixed']]);
  expect(statuses(91)).toEqual([]);
  expect(statuses(91, 'error')).toEqual([[id, 'open']]);
  // One that nobody looked for in all that time is fixed first.
  expect(tell([], open, 200).units[0]?.entities).toMatchObject([{ id, status: 'fixed' }]);
});
