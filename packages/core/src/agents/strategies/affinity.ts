import { z } from 'zod';
import { type Candidate, clamped, highest, type PastOutcome, type Strategy } from './strategy.ts';

export const affinityWeightsSchema = z.strictObject({
  /** Success with this type of task anywhere. */
  type: z.number().default(0.4),
  /** Success with it where this task is at home: its workspace, its paths. */
  place: z.number().default(0.3),
  /** How recent that was. */
  recency: z.number().default(0.2),
  /** Room: lets those without history share the work instead of all of it going to the first one. */
  room: z.number().default(0.1),
  /** Hours after which half of the recency is gone. */
  halfLifeHours: z.number().positive().default(24),
});
export type AffinityWeights = z.output<typeof affinityWeightsSchema>;

/** How well an agent got on with tasks like this one, 0 to 1 by the usual weights (CLU-006). */
export function affinityScore(
  { past, load, maxLoad }: Pick<Candidate, 'past' | 'load' | 'maxLoad'>,
  weights: AffinityWeights = affinityWeightsSchema.parse({}),
): number {
  const anywhere = past.filter(({ place }) => place === '');
  const here = past.filter(({ place }) => place !== '');
  const successes = past.filter(({ completed }) => completed > 0);
  const age = Math.min(...successes.map(({ ageSeconds }) => Math.max(0, ageSeconds)));
  const recency = successes.length === 0 ? 0 : 0.5 ** (age / 3_600 / weights.halfLifeHours);
  return (
    weights.type * successOf(anywhere) +
    weights.place * successOf(here) +
    weights.recency * recency +
    weights.room * clamped(1 - load / maxLoad)
  );
}

/** Share of successes, held back where there were few: one of one says less than nine of ten. */
function successOf(outcomes: readonly PastOutcome[]): number {
  const completed = outcomes.reduce((sum, outcome) => sum + outcome.completed, 0);
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
  return completed / (completed + failed + 1);
}

/** Who did such work well, here and lately, gets it again (CLU-006, 007). */
export function affinity(weights: AffinityWeights): Strategy {
  return {
    type: 'affinity',
    usesPast: true,
    choose: (_task, candidates) => highest(candidates, (candidate) => affinityScore(candidate, weights)),
  };
}
