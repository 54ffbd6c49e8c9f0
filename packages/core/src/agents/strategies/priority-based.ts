import { highest, type Strategy } from './strategy.ts';

/** The highest priority (COORD-32). */
export function priorityBased(): Strategy {
  return {
    type: 'priority-based',
    usesPast: false,
    choose: (_task, candidates) => highest(candidates, ({ priority }) => priority),
  };
}
