import { z } from 'zod';
import {
  changeInfoSchema,
  entitiesTouched,
  impactSchema,
  journalEventTypeSchema,
  stateTransitionSchema,
  type TellingEvent,
} from '../journal/index.ts';

/** Whether the graph answered: there may be none, and it may fail; the rest is told all the same (BRIDGE-10). */
export const graphStateSchema = z.enum(['ok', 'unavailable', 'failed']);
export type GraphState = z.infer<typeof graphStateSchema>;

/** An event that tells of the code, with what it touched under the ids of the code graph. */
export const touchSchema = z.object({
  sessionId: z.string(),
  seq: z.int(),
  type: journalEventTypeSchema,
  actor: z.string(),
  entityIds: z.array(z.string()),
  changeInfo: changeInfoSchema.nullable(),
  stateTransition: stateTransitionSchema.nullable(),
  impact: impactSchema.nullable(),
  occurredAt: z.iso.datetime(),
});
export type Touch = z.infer<typeof touchSchema>;

export function touchOf(event: TellingEvent): Touch {
  const { file: _file, ...rest } = event;
  return { ...rest, entityIds: entitiesTouched(event) };
}
