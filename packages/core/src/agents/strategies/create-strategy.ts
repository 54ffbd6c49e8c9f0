import type { z } from 'zod';
import { SignalboxError } from '../../platform/errors/index.ts';
import { affinity, affinityWeightsSchema } from './affinity.ts';
import { capabilityWeighted, capabilityWeightsSchema } from './capability-weighted.ts';
import { dynamic, dynamicWeightsSchema } from './dynamic.ts';
import { leastLoaded } from './least-loaded.ts';
import { priorityBased } from './priority-based.ts';
import { roundRobin } from './round-robin.ts';
import type { Strategy } from './strategy.ts';

/** Who gets a task that several could do (COORD-07, CLU-006). */
export const STRATEGY_TYPES = [
  'round-robin',
  'least-loaded',
  'priority-based',
  'capability-weighted',
  'dynamic',
  'affinity',
] as const;
export type StrategyType = (typeof STRATEGY_TYPES)[number];

type Config = Readonly<Record<string, unknown>>;

const MAKERS: Readonly<Record<StrategyType, (config: Config) => Strategy>> = {
  'round-robin': without(roundRobin),
  'least-loaded': without(leastLoaded),
  'priority-based': without(priorityBased),
  'capability-weighted': withWeights(capabilityWeightsSchema, capabilityWeighted),
  dynamic: withWeights(dynamicWeightsSchema, dynamic),
  affinity: withWeights(affinityWeightsSchema, affinity),
};

/**
 * @param config weights, by name; left out ones are as inventoried.
 * @throws AGENT_STRATEGY_UNKNOWN (COORD-35), AGENT_STRATEGY_INVALID for weights it does not have.
 */
export function createStrategy(type: string, config: Config = {}): Strategy {
  const make = Object.hasOwn(MAKERS, type) ? MAKERS[type as StrategyType] : null;
  if (!make) throw new SignalboxError('AGENT_STRATEGY_UNKNOWN', { strategy: type, known: STRATEGY_TYPES });
  return make(config);
}

/** Why no such strategy can be made; null when one can. */
export function checkStrategy(type: string, config: Config): string | null {
  try {
    createStrategy(type, config);
    return null;
  } catch (error) {
    if (SignalboxError.is(error)) return error.message;
    throw error;
  }
}

function without(make: () => Strategy): (config: Config) => Strategy {
  return (config) => {
    const [weight] = Object.keys(config);
    if (weight !== undefined) throw invalid(make().type, `it has no weight "${weight}"`);
    return make();
  };
}

function withWeights<Schema extends z.ZodType>(
  schema: Schema,
  make: (weights: z.output<Schema>) => Strategy,
): (config: Config) => Strategy {
  return (config) => {
    const parsed = schema.safeParse(config);
    if (parsed.success) return make(parsed.data);
    const defaults = make(schema.parse({}));
    throw invalid(
      defaults.type,
      parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim()).join('; '),
    );
  };
}

function invalid(strategy: string, reason: string): SignalboxError {
  return new SignalboxError('AGENT_STRATEGY_INVALID', { strategy, reason });
}
