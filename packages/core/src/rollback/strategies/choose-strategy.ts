import { SignalboxError } from '../../platform/errors/index.ts';
import type { RollbackOptions, StrategyName } from '../operations/rollback-operation.ts';
import { forceStrategy } from './force-strategy.ts';
import { gradualStrategy } from './gradual-strategy.ts';
import { immediateStrategy } from './immediate-strategy.ts';
import { partialStrategy } from './partial-strategy.ts';
import { safeStrategy } from './safe-strategy.ts';
import type { Strategy } from './strategy.ts';
import { timeBasedStrategy } from './time-based-strategy.ts';

const STRATEGIES: readonly Strategy[] = [
  immediateStrategy,
  gradualStrategy,
  safeStrategy,
  forceStrategy,
  partialStrategy,
  timeBasedStrategy,
];

/** Beyond a day, what stands around a point has moved on. */
const OLD = 86_400_000;
const FEW = 5;
const MANY = 50;

/** @throws UNKNOWN_STRATEGY (RB-089) */
export function strategyNamed(name: string): Strategy {
  const strategy = STRATEGIES.find((one) => one.name === name);
  if (!strategy)
    throw new SignalboxError('UNKNOWN_STRATEGY', { strategy: name, known: STRATEGIES.map((one) => one.name) });
  return strategy;
}

/** What fits that many changes back to a point of that age in milliseconds (RB-091). `force` never does. */
export function recommendedStrategy(changes: number, age: number): Exclude<StrategyName, 'force'> {
  if (changes <= FEW) return 'immediate';
  if (age > OLD) return 'safe';
  return changes > MANY ? 'gradual' : 'immediate';
}

/** The strategy for what was asked for: by the type, then by the caller, then as recommended (RB-071, RB-092). */
export function chooseStrategy(
  { type, strategy }: Pick<RollbackOptions, 'type' | 'strategy'>,
  changes: number,
  age: number,
): Strategy {
  if (type === 'partial') return partialStrategy;
  if (type === 'selective') return timeBasedStrategy;
  return strategyNamed(strategy ?? recommendedStrategy(changes, age));
}
