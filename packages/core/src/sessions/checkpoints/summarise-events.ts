import { type CodeState, entitiesOfEvent, type JournalEvent } from '../../journal/index.ts';
import type { CheckpointSummary, Outcome } from './checkpoint.ts';

/** Events that a checkpoint looks back on (SES-101). */
export const WINDOW = 20;

const OUTCOME_OF: Readonly<Record<CodeState, Outcome>> = {
  working: 'working',
  broken: 'broken',
  coordinating: 'coordinated',
  completed: 'completed',
};

/**
 * What the last events came to (SES-101), and which entities they touched.
 * @param events in their order.
 * @param codeState what stands where none of them changes it.
 */
export function summariseEvents(
  events: readonly JournalEvent[],
  codeState: CodeState,
): { summary: CheckpointSummary; refEntities: string[] } {
  const transitions = events.flatMap(({ stateTransition }) => stateTransition ?? []);
  const latest = transitions.at(-1)?.to ?? codeState;
  const severe = events.filter(({ impact }) => impact?.severity === 'high' || impact?.severity === 'critical');
  const deltas = events.flatMap(({ impact }) => impact?.perfDelta ?? []);
  return {
    summary: {
      outcome: OUTCOME_OF[latest],
      wasBroken: codeState === 'broken' || transitions.some(({ from, to }) => from === 'broken' || to === 'broken'),
      keyImpacts: entitiesOf(severe),
      perfDelta: deltas.length === 0 ? null : deltas.reduce((sum, delta) => sum + delta, 0),
    },
    refEntities: entitiesOf(events),
  };
}

/** Each once, in the order in which they first came; files that changed under the ids by which the code graph knows them. */
function entitiesOf(events: readonly JournalEvent[]): string[] {
  return [...new Set(events.flatMap(entitiesOfEvent))];
}
