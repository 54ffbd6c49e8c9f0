import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomCases } from '../../testing/random-cases.ts';
import { deploymentGate, type ImpactFindings, recommendations } from './deployment-gate.ts';

const QUIET: ImpactFindings = {
  ...{
    riskLevel: 'low',
    changed: 2,
    affected: 1,
    isBreaking: false,
    tests: ['t'],
    testsToChange: [],
    untestedShare: 0,
  },
  ...{ staleDocs: [], missingDocs: [], specs: [], truncated: false },
};

test('KG-273: what is breaking and untested, or critical, is blocked; the rest is only said', () => {
  const levelOf = (more: Partial<ImpactFindings>) => deploymentGate({ ...QUIET, ...more }).level;
  expect(levelOf({})).toBe('none');
  expect(levelOf({ isBreaking: true })).toBe('none');
  expect(levelOf({ isBreaking: true, tests: [] })).toBe('required');
  expect(levelOf({ riskLevel: 'critical' })).toBe('required');
  for (const more of [
    { riskLevel: 'high' as const },
    { staleDocs: ['d'] },
    { missingDocs: ['a'] },
    { specs: ['s'] },
    { truncated: true },
  ]) {
    expect([more, levelOf(more)]).toEqual([more, 'advisory']);
  }
  expect(deploymentGate({ ...QUIET, staleDocs: ['d'], missingDocs: [] }).stats).toEqual({
    missingDocs: 0,
    staleDocs: 1,
    freshnessPenalty: 0.5,
  });
  expect(deploymentGate({ ...QUIET, staleDocs: ['a', 'b', 'c'] }).stats.freshnessPenalty).toBe(1);
});

test('blocked exactly where it is required, and every level but none has a reason', () => {
  const ids = fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 });
  const found = fc.record({
    ...{
      riskLevel: fc.constantFrom('critical', 'high', 'medium', 'low'),
      changed: fc.nat(3),
      affected: fc.nat(3),
      isBreaking: fc.boolean(),
    },
    ...{
      tests: ids,
      testsToChange: ids,
      untestedShare: fc.double({ min: 0, max: 1, noNaN: true }),
      staleDocs: ids,
      missingDocs: ids,
      specs: ids,
    },
    truncated: fc.boolean(),
  });
  fc.assert(
    fc.property(found, (one) => {
      const gate = deploymentGate(one as ImpactFindings);
      expect(gate.blocked).toBe(gate.level === 'required');
      expect(gate.reasons.length > 0).toBe(gate.level !== 'none');
      expect(gate.stats.freshnessPenalty).toBeGreaterThanOrEqual(0);
      expect(gate.stats.freshnessPenalty).toBeLessThanOrEqual(1);
    }),
    randomCases(),
  );
});

test('KG-275: what is to be done, the most urgent first, and nothing where nothing is', () => {
  expect(recommendations({ ...QUIET, tests: [] })).toEqual([]);
  const all = recommendations({
    ...QUIET,
    isBreaking: true,
    testsToChange: ['t'],
    untestedShare: 0.5,
    specs: ['s'],
    staleDocs: ['1', '2', '3', '4'],
    missingDocs: ['m'],
  });
  expect(all.map(({ priority, impact, type, effort }) => [priority, impact, type, effort])).toEqual([
    ['immediate', 'breaking', 'requirement', 'low'],
    ['immediate', 'functional', 'requirement', 'low'],
    ['planned', 'functional', 'warning', 'low'],
    ['planned', 'functional', 'warning', 'low'],
    ['planned', 'cosmetic', 'suggestion', 'medium'],
    ['optional', 'cosmetic', 'suggestion', 'low'],
  ]);
  expect(all[4]?.actions).toEqual(['1', '2', '3', '4']);
});
