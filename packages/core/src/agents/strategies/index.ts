export { affinityScore } from './affinity.ts';
export { capabilityScore } from './capability-weighted.ts';
export { checkStrategy, createStrategy, STRATEGY_TYPES, type StrategyType } from './create-strategy.ts';
export { dynamicScore } from './dynamic.ts';
export type { Candidate, PastOutcome, Rotation, Strategy, StrategyTask } from './strategy.ts';
