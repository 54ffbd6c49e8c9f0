import { z } from 'zod';
import { codeStateSchema, journalEventTypeSchema } from '../journal-event.ts';

/** What the events of a journal add up to at one of them (REPLAY-040). */
export const sessionStateSchema = z.object({
  sessionId: z.string(),
  /** The event after which it held; 0 before the first one. */
  seq: z.int().min(0),
  /** When that event happened; null before the first one. */
  at: z.iso.datetime().nullable(),
  eventCount: z.int().min(0),
  eventsByType: z.partialRecord(journalEventTypeSchema, z.int()),
  codeState: codeStateSchema,
  /** The session's status as its journal tells it; expiry is not told there. */
  status: z.string(),
  attempt: z.int().min(1),
  /** Members, in the order in which they first joined (SES-068). */
  agentIds: z.array(z.string()),
  /** All who ever were members, in that order: whoever comes back takes its old place. */
  everMembers: z.array(z.string()),
  /** Secrets redacted, as everything in the journal. */
  metadata: z.record(z.string(), z.json()),
  /** What the runtime reported so far, over all attempts. */
  usage: z.object({
    apiCalls: z.int(),
    inputTokens: z.int(),
    outputTokens: z.int(),
    reasoningTokens: z.int(),
    cacheReadTokens: z.int(),
    cacheWriteTokens: z.int(),
    /** Millionths of a US dollar; null while no price was reported. */
    costMicroUsd: z.int().nullable(),
  }),
  toolCalls: z.object({ made: z.int(), completed: z.int(), failed: z.int(), denied: z.int() }),
  /** Calls without a result. `unknown`: its run is over, so nobody knows what became of it. */
  openCalls: z.array(
    z.object({ callId: z.string(), tool: z.string(), seq: z.int(), attempt: z.int(), unknown: z.boolean() }),
  ),
  /** The runtime's own session, and its last message that is complete here: where it can be forked. */
  runtimeSession: z.object({ runtimeSessionId: z.string(), messageId: z.string().nullable() }).nullable(),
});
export type SessionState = z.infer<typeof sessionStateSchema>;

/** What a journal began with. */
export type JournalOrigin = Pick<SessionState, 'agentIds' | 'metadata' | 'codeState'>;

/** The state before the first event. */
export function stateAtOrigin(sessionId: string, origin: JournalOrigin): SessionState {
  return {
    sessionId,
    seq: 0,
    at: null,
    eventCount: 0,
    eventsByType: {},
    codeState: origin.codeState,
    status: 'pending',
    attempt: 1,
    agentIds: [...origin.agentIds],
    everMembers: [...origin.agentIds],
    metadata: origin.metadata,
    usage: {
      apiCalls: 0,
      inputTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costMicroUsd: null,
    },
    toolCalls: { made: 0, completed: 0, failed: 0, denied: 0 },
    openCalls: [],
    runtimeSession: null,
  };
}
