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

function tell(levels: string[], before: ReadonlyMap<string, KnownEntity> = new Map()) {
  const telling = { suite: 's', runId: 'r', environment: undefined, at: new Date(0), noise: loadNoiseSettings({}) };
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
