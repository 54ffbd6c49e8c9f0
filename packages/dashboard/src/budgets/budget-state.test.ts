import { expect, test } from 'vitest';
import { budgetState, measureState } from './budget-state.ts';

const spent = { tokens: 80, costUsd: 1, seconds: 0, toolCalls: 10 };

test('a budget stands as the worst of its measures; calls may reach their limit, all else may not', () => {
  const budget = (limits: object) => ({ limits, spent, warningShare: 0.8 });
  expect(budgetState(budget({ tokens: 101, costUsd: 5 }))).toBe('suffices');
  expect(budgetState(budget({ tokens: 100, costUsd: 5 }))).toBe('near');
  expect(budgetState(budget({ tokens: 100, costUsd: 1 }))).toBe('used_up');
  expect(budgetState(budget({ toolCalls: 10 }))).toBe('near');
  expect(budgetState(budget({ toolCalls: 9 }))).toBe('used_up');
  expect(measureState(budget({ tokens: 40 }), 'tokens')).toEqual({ spent: 80, limit: 40, share: 1, state: 'used_up' });
  expect(measureState(budget({ tokens: 40 }), 'seconds')).toBeNull();
});
