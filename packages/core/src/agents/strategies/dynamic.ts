import { z } from 'zod';
import { capabilityScore } from './capability-weighted.ts';
import { type Candidate, clamped, highest, type Strategy } from './strategy.ts';

export const dynamicWeightsSchema = z.strictObject({
  load: z.number().default(0.3),
  priority: z.number().default(0.2),
  reliability: z.number().default(0.2),
  speed: z.number().default(0.15),
  capability: z.number().default(0.15),
});
export type DynamicWeights = z.output<typeof dynamicWeightsSchema>;

/** Of everything a little; each factor within 0 and 1 (COORD-34). */
export function dynamicScore(
  candidate: Omit<Candidate, 'id' | 'seq' | 'past'>,
  required: readonly string[],
  weights: DynamicWeights = dynamicWeightsSchema.parse({}),
): number {
  const { load, maxLoad, priority, errorRate, averageTaskDuration, capabilities } = candidate;
  // One over the mean in seconds; who has no history counts as fast.
  const speed = averageTaskDuration === null ? 1 : 1_000 / averageTaskDuration;
  return (
    weights.load * clamped(1 - load / maxLoad) +
    weights.priority * clamped(priority / 10) +
    weights.reliability * clamped(1 - errorRate) +
    weights.speed * clamped(speed) +
    weights.capability * clamped(capabilityScore(capabilities, required) / 10)
  );
}

export function dynamic(weights: DynamicWeights): Strategy {
  return {
    type: 'dynamic',
    usesPast: false,
    choose: ({ required }, candidates) =>
      highest(candidates, (candidate) => dynamicScore(candidate, required, weights)),
  };
}
