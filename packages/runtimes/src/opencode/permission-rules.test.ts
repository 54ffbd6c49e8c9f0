import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askInsteadOfAllow, type PermissionRule } from './permission-rules.ts';

const OWN = '/state/project';
const LOOKS_ONLY = ['read', 'glob', 'task'];
const HAS_EFFECT = ['edit', 'bash', 'webfetch', 'external_directory', 'github_create_issue'];

const matches = (text: string, wildcard: string) =>
  wildcard === '*' || text === wildcard || (wildcard.endsWith('*') && text.startsWith(wildcard.slice(0, -1)));

/** OpenCode's evaluation: the last rule that matches, or a question. */
function evaluate(rules: readonly PermissionRule[], permission: string, pattern: string): string {
  return (
    rules.findLast((rule) => matches(permission, rule.permission) && matches(pattern, rule.pattern))?.action ?? 'ask'
  );
}

const rule = fc.record({
  permission: fc.constantFrom('*', ...LOOKS_ONLY, ...HAS_EFFECT),
  pattern: fc.constantFrom('*', 'a', 'a*', '/etc/*'),
  action: fc.constantFrom('allow' as const, 'deny' as const, 'ask' as const),
});

describe('rules laid over an agent', () => {
  test('refuse what it refuses, ask for every effect, and leave looking as it was', () => {
    const question = fc.tuple(fc.constantFrom(...LOOKS_ONLY, ...HAS_EFFECT), fc.constantFrom('a', 'ab', 'b', '/etc/x'));
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 8 }), question, (rules, [permission, pattern]) => {
        const before = evaluate(rules, permission, pattern);
        const after = evaluate([...rules, ...askInsteadOfAllow(rules, OWN)], permission, pattern);
        const expected = before === 'allow' && HAS_EFFECT.includes(permission) ? 'ask' : before;
        expect(after).toBe(expected);
      }),
    );
  });

  test('leave what OpenCode puts aside for the agent readable, and nothing beside it', () => {
    const allow = (pattern: string): PermissionRule => ({ permission: 'external_directory', pattern, action: 'allow' });
    const rules = askInsteadOfAllow([allow(`${OWN}/data/tool-output/*`), allow(`${OWN}-of-another/*`)], OWN);
    expect(rules.slice(0, 2).map(({ action }) => action)).toEqual(['allow', 'ask']);
  });

  test('refuse what needs somebody at a terminal', () => {
    const rules = askInsteadOfAllow([{ permission: '*', pattern: '*', action: 'allow' }], OWN);
    expect(evaluate(rules, 'question', '*')).toBe('deny');
    expect(evaluate(rules, 'plan_exit', '*')).toBe('deny');
  });
});
