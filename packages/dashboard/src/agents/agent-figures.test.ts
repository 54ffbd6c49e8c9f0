import { describe, expect, it } from 'vitest';
import { capabilityText, errorRateText, meanDurationText } from './agent-figures.ts';

const NONE = { totalTasksCompleted: 0, totalTasksFailed: 0, errorRate: 0, averageTaskDuration: null };

describe('figures of an agent', () => {
  it('shows no rate of nothing', () => {
    expect(errorRateText(NONE)).toBe('–');
    expect(meanDurationText(NONE)).toBe('–');
  });

  it('does not round few failures away', () => {
    expect(errorRateText({ ...NONE, totalTasksCompleted: 10 })).toBe('0 %');
    expect(errorRateText({ ...NONE, totalTasksCompleted: 499, totalTasksFailed: 1, errorRate: 0.002 })).toBe('0.2 %');
    expect(errorRateText({ ...NONE, totalTasksFailed: 3, errorRate: 1 })).toBe('100 %');
  });

  it('reads durations as milliseconds', () => {
    expect(meanDurationText({ ...NONE, totalTasksCompleted: 1, averageTaskDuration: 90_000 })).toBe('1m 30s');
  });

  it('names a capability with its version where it has one', () => {
    expect(capabilityText({ name: 'node', version: '24.1.0' })).toBe('node 24.1.0');
    expect(capabilityText({ name: 'sql', version: null })).toBe('sql');
  });
});
