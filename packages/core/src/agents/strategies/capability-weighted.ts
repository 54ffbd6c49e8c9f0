import { z } from 'zod';
import type { Capability } from '../capability.ts';
import { satisfies } from '../capability.ts';
import { highest, type Strategy } from './strategy.ts';

export const capabilityWeightsSchema = z.strictObject({
  /** For each capability that the task requires. */
  required: z.number().default(2),
  /** For each further one: positive favours generalists, negative specialists. */
  extra: z.number().default(0.5),
});
export type CapabilityWeights = z.output<typeof capabilityWeightsSchema>;

/**
 * 2 for each required capability present, and 0.5 for each of the agent's that is not required (COORD-33). Since all who can be
 * chosen have what is required, the usual weights favour those who can do most; a negative `extra` turns that round.
 */
export function capabilityScore(
  capabilities: readonly Capability[],
  required: readonly string[],
  weights: CapabilityWeights = { required: 2, extra: 0.5 },
): number {
  const present = required.filter((requirement) => satisfies(capabilities, requirement)).length;
  const extra = capabilities.filter(
    (capability) => !required.some((requirement) => satisfies([capability], requirement)),
  ).length;
  return weights.required * present + weights.extra * extra;
}

export function capabilityWeighted(weights: CapabilityWeights): Strategy {
  return {
    type: 'capability-weighted',
    usesPast: false,
    choose: ({ required }, candidates) =>
      highest(candidates, ({ capabilities }) => capabilityScore(capabilities, required, weights)),
  };
}
