import { expect, it } from 'vitest';
import { CI_ROOT, sourceOf } from '../../imports/testing/fixture.ts';
import { readSarif } from './read-sarif.ts';

const scored = (id: string, score: string) => ({ id, properties: { 'security-severity': score } });
const read = (tool: object, results: object[], more: object = {}) => {
  const runs = [{ tool, results: results.map((one) => ({ message: { text: 'm' }, ...one })), ...more }];
  return readSarif(sourceOf(JSON.stringify({ version: '2.1.0', runs }), { root: CI_ROOT })).findings;
};

it('a rule is one of the pack that a result names, and else of the tool', () => {
  const tool = {
    driver: { name: 'CodeQL', rules: [scored('own/one', '1.0')] },
    extensions: [
      { name: 'other', rules: [scored('other/one', '4.5')] },
      { name: 'pack', guid: 'g', rules: [scored('js/xss', '9.8'), scored('js/sql', '7.5')] },
    ],
  };
  const named = (toolComponent: object, index: number) => ({ rule: { index, toolComponent } });
  const found = read(tool, [
    named({ index: 1 }, 0),
    { ruleId: 'js/sql', ...named({ name: 'pack' }, 1) },
    named({ guid: 'g' }, 1),
    named({ name: 'CodeQL' }, 0),
    { ruleIndex: 0 },
    { ruleId: 'js/xss' },
    { ruleId: 'js/sql/part' },
    { ruleId: 'js' },
  ]);
  expect(found.map(({ ruleId, severity }) => `${ruleId} ${severity}`)).toEqual([
    ...['js/xss critical', 'js/sql high', 'js/sql high', 'own/one low', 'own/one low', 'js/xss critical'],
    ...['js/sql/part high', 'js medium'],
  ]);
});

// With a step for each pair of them it would not end within the limit of tests.
it('very many results, rules and bases are read', () => {
  const count = 40_000;
  const rules = Array.from({ length: count }, (_, n) => ({ id: `r${n}` }));
  const results = Array.from({ length: count }, (_, n) => ({
    ruleId: `x${n}/${'a/'.repeat(20)}`,
    locations: [{ physicalLocation: { artifactLocation: { uri: 'a.js', uriBaseId: 'b0' } } }],
  }));
  const bases = Object.fromEntries(rules.map((_, n) => [`b${n}`, { uriBaseId: `b${(n + 1) % count}` }]));
  const found = read({ driver: { name: 't', rules } }, results, { originalUriBaseIds: bases });
  expect(found).toHaveLength(count);
  expect(found[7]).toMatchObject({ path: 'a.js', severity: 'medium' });
});
