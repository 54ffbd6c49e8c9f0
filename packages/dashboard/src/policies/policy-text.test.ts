import type { PolicyDocument } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { FIRST_TEXT, placedProblems, policyText, readPolicyText } from './policy-text.ts';

describe('a policy as text', () => {
  it('is read as it is written', () => {
    const { document, problems } = readPolicyText(FIRST_TEXT);
    expect(problems).toEqual([]);
    const stored = { description: null, ...document } as PolicyDocument;
    expect(readPolicyText(policyText(stored)).document).toEqual(document);
    expect(readPolicyText('{"name": "house", "rules": []}').document).toEqual({ name: 'house', rules: [] });
  });

  it('says in which line it cannot be read', () => {
    const { document, problems } = readPolicyText('name: house\nrules:\n  - id: [one\n');
    expect([document, (problems[0]?.line ?? 0) >= 3]).toEqual([null, true]);
    expect(readPolicyText('name: a\nname: b\n').problems).toEqual([{ line: 2, message: 'Map keys must be unique' }]);
    expect(readPolicyText('- one').problems).toHaveLength(1);
    // What refers to itself would never end.
    expect(readPolicyText('name: &a [*a]').document).toBeNull();
  });

  it('says in which line the server found something, or what that stands in', () => {
    const at = (path: string) => placedProblems(FIRST_TEXT, [{ path, message: 'no' }])[0]?.line;
    expect(at('default')).toBe(3);
    expect(at('rules.0.effect')).toBe(11);
    expect(at('rules.0.match.commands.0.programs')).toBe(9);
    expect(at('rules.0.match.commands.0.missing')).toBe(9);
    expect(at('rules.7')).toBe(5);
    expect(at('')).toBe(1);
  });
});
