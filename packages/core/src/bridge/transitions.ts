import { z } from 'zod';
import type { CodeState } from '../journal/index.ts';
import { graphStateSchema, type Touch, touchSchema } from './session-touches.ts';

/** From below this change of performance on an event is significant. */
const SLOWER = -5;

/** Why an event is a significant transition (BRIDGE-01). */
const transitionReasonSchema = z.enum(['broke_code', 'broke_tests', 'severity', 'performance']);
type TransitionReason = z.infer<typeof transitionReasonSchema>;

/** What the graph knows around an entity: null where it knows nothing of that kind. */
const kgContextSchema = z.object({
  specTitle: z.string().nullable(),
  clusterName: z.string().nullable(),
  benchmarkDelta: z.number().nullable(),
});
export type KgContext = z.infer<typeof kgContextSchema>;

/** TYP-12. */
const transitionSchema = z.object({
  /** The event before; null for the first that is held. */
  fromSeq: z.int().nullable(),
  toSeq: z.int(),
  event: touchSchema,
  reasons: z.array(transitionReasonSchema),
  kgContext: kgContextSchema.nullable(),
});
export type SessionTransition = z.infer<typeof transitionSchema>;

export const sessionTransitionsSchema = z.object({
  sessionId: z.string(),
  /** Only what touched it; null for all. */
  entityId: z.string().nullable(),
  /** Of all of them, however many are shown. */
  total: z.int(),
  /** In their order; the last ones, where there are more than asked for. */
  transitions: z.array(transitionSchema),
  graph: graphStateSchema,
});
export type SessionTransitions = z.infer<typeof sessionTransitionsSchema>;

/** Judges events one after the other by what stood before them: the last known state, and how tests came out last. */
export class TransitionJudge {
  #state: CodeState | null = null;
  #passed = false;

  judge({ type, stateTransition, impact }: Touch): TransitionReason[] {
    const reasons: TransitionReason[] = [];
    const before = stateTransition?.from ?? this.#state;
    if (before === 'working' && stateTransition?.to === 'broken') reasons.push('broke_code');
    if (type === 'broke' && this.#passed) reasons.push('broke_tests');
    if (impact?.severity === 'high' || impact?.severity === 'critical') reasons.push('severity');
    if (impact?.perfDelta !== undefined && impact.perfDelta < SLOWER) reasons.push('performance');
    this.#state = stateTransition?.to ?? this.#state;
    if (type === 'test_pass' || type === 'broke') this.#passed = type === 'test_pass';
    return reasons;
  }
}
