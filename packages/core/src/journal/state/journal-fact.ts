import { z } from 'zod';
import type { CodeState, JournalEvent, JournalEventType } from '../journal-event.ts';

/** What folding needs of an event. */
export interface JournalFact {
  seq: number;
  type: JournalEventType;
  attempt: number;
  /** The code state it leads to, where it tells of one. */
  toState: CodeState | null;
  at: string;
  /** By type, see {@link FACT_SCHEMAS}; anything else says nothing to the state. */
  payload: unknown;
}

const count = z.int().nonnegative().catch(0);

/** What is read of the payload, by type. Payloads are free-form: one of another shape is an event that says nothing more. */
export const FACT_SCHEMAS = {
  tool_call: z.object({ callId: z.string(), tool: z.string().catch(''), messageId: z.string().nullish() }),
  tool_result: z.object({ callId: z.string(), status: z.string().catch('completed') }),
  usage: z.object({
    inputTokens: count,
    outputTokens: count,
    reasoningTokens: count,
    cacheReadTokens: count,
    cacheWriteTokens: count,
    costUsd: z.number().nonnegative().nullable().catch(null),
  }),
  handoff: z.object({ direction: z.enum(['joined', 'left']), agent: z.string() }),
  message: z.object({ messageId: z.string() }),
  status: z.object({
    to: z.string().optional().catch(undefined),
    phase: z.string().optional().catch(undefined),
    detail: z.object({ runtimeSessionId: z.string() }).optional().catch(undefined),
    metadata: z
      .object({ set: z.record(z.string(), z.json()), unset: z.array(z.string()) })
      .optional()
      .catch(undefined),
  }),
} as const;
export type FactOf<Type extends keyof typeof FACT_SCHEMAS> = z.infer<(typeof FACT_SCHEMAS)[Type]>;

/** Types whose payload is read; `start` says of the status what `status` does. */
export const TELLING_TYPES: readonly JournalEventType[] = [
  'tool_call',
  'tool_result',
  'usage',
  'handoff',
  'message',
  'status',
  'start',
];

/** The fact in an event whose payload stands in it (see `withPayload` for those over 64 KB). */
export function factOf(event: JournalEvent): JournalFact {
  return {
    seq: event.seq,
    type: event.type,
    attempt: event.attempt,
    toState: event.stateTransition?.to ?? null,
    at: event.occurredAt,
    payload: event.payload,
  };
}
