import { describe, expect, it } from 'vitest';
import { SignalboxError } from '../../platform/errors/index.ts';
import { chooseStrategy, recommendedStrategy, strategyNamed } from './choose-strategy.ts';

const DAY = 86_400_000;
const PACE = { batchSize: 10, delayBetweenBatches: 1_000 };

describe('the strategy', () => {
  it.each([
    [5, 2 * DAY, 'immediate'],
    [6, DAY + 1, 'safe'],
    [6, DAY, 'immediate'],
    [60, DAY + 1, 'safe'],
    [50, 0, 'immediate'],
    [51, 0, 'gradual'],
  ])('for %i changes to a point %i ms old is %s', (changes, age, expected) => {
    expect(recommendedStrategy(changes, age)).toBe(expected);
  });

  it('is that of the type, then the one asked for, then the recommended one', () => {
    expect(chooseStrategy({ type: 'partial' }, 60, 0).name).toBe('partial');
    expect(chooseStrategy({ type: 'selective' }, 60, 0).name).toBe('time_based');
    expect(chooseStrategy({ type: 'full', strategy: 'immediate' }, 60, 0).name).toBe('immediate');
    expect(chooseStrategy({ type: 'full' }, 60, 0).name).toBe('gradual');
    expect(chooseStrategy({ type: 'dry_run', strategy: 'safe' }, 1, 0).name).toBe('safe');
  });

  it('is refused when nobody knows it', () => {
    const thrown = (() => {
      try {
        return strategyNamed('clever');
      } catch (error) {
        return error;
      }
    })();
    expect(SignalboxError.is(thrown, 'UNKNOWN_STRATEGY')).toBe(true);
    expect((thrown as SignalboxError).details).toEqual({
      strategy: 'clever',
      known: ['immediate', 'gradual', 'safe', 'force', 'partial', 'time_based'],
    });
  });

  it.each([
    ['immediate', 0, 1_000],
    ['immediate', 7, 1_350],
    ['gradual', 25, 4_500],
    ['gradual', 20, 3_000],
    ['gradual', 0, 1_000],
    ['safe', 4, 7_400],
    ['force', 10, 700],
    ['partial', 1, 1_075],
    ['time_based', 10, 1_600],
  ])('%s is estimated for %i changes at %i ms', (name, changes, expected) => {
    expect(strategyNamed(name).estimate(changes, PACE)).toBe(expected);
  });
});
