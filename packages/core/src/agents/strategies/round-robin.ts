import type { Strategy } from './strategy.ts';

/** Each eligible agent in turn, in the order of registration; the place is kept per project (COORD-30). */
export function roundRobin(): Strategy {
  return {
    type: 'round-robin',
    usesPast: false,
    choose: (_task, candidates, rotation) => {
      const ordered = candidates.toSorted((a, b) => a.seq - b.seq);
      const next = ordered.find(({ seq }) => seq > rotation.last) ?? ordered[0];
      if (!next) throw new RangeError('a strategy needs somebody to choose from');
      return next;
    },
  };
}
