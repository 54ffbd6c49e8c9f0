import { highest, type Strategy } from './strategy.ts';

/** The smallest share of its capacity in use (COORD-31). */
export function leastLoaded(): Strategy {
  return {
    type: 'least-loaded',
    usesPast: false,
    choose: (_task, candidates) => highest(candidates, ({ load, maxLoad }) => -load / maxLoad),
  };
}
