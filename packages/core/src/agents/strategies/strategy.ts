import type { Agent } from '../agent.ts';

/** What a strategy looks at of an agent. */
export interface Candidate
  extends Pick<Agent, 'id' | 'load' | 'maxLoad' | 'priority' | 'capabilities' | 'errorRate' | 'averageTaskDuration'> {
  /** Place in the order of registration; unique and positive. */
  seq: number;
  /** What it made of tasks like this one. Read only where the strategy asks for it. */
  past: readonly PastOutcome[];
}

/** What an agent made of tasks of the same type: at any place (`''`), or at one where this task is at home. */
export interface PastOutcome {
  place: string;
  completed: number;
  failed: number;
  /** How long ago the last one ended, in seconds. */
  ageSeconds: number;
}

export interface StrategyTask {
  required: readonly string[];
}

/** What a pass remembers from one choice to the next, over all coordinators. */
export interface Rotation {
  /** The `seq` of whoever was chosen last; 0 at first. */
  last: number;
}

/** Chooses among agents that all suit the task and have room; `candidates` is never empty and is in the order of registration. */
export interface Strategy {
  readonly type: string;
  /** Whether it reads {@link Candidate.past}. */
  readonly usesPast: boolean;
  choose(task: StrategyTask, candidates: readonly Candidate[], rotation: Rotation): Candidate;
}

/** The one with the highest score; of equals the earliest registered. */
export function highest(candidates: readonly Candidate[], score: (candidate: Candidate) => number): Candidate {
  const [first, ...rest] = candidates;
  if (!first) throw new RangeError('a strategy needs somebody to choose from');
  let best = { candidate: first, score: score(first) };
  for (const candidate of rest) {
    const scored = score(candidate);
    if (scored > best.score || (scored === best.score && candidate.seq < best.candidate.seq)) {
      best = { candidate, score: scored };
    }
  }
  return best.candidate;
}

/** Within 0 and 1. */
export function clamped(value: number): number {
  return Math.min(1, Math.max(0, value));
}
