import { z } from 'zod';
import { uuidSchema } from '../platform/ids/ids.ts';

/** Journal event types (design.md §2): those of SES-002, and ours. */
export const JOURNAL_EVENT_TYPES = [
  'start',
  'modified',
  'broke',
  'checkpoint',
  'handoff',
  'test_pass',
  'message',
  'output',
  'tool_call',
  'tool_result',
  'file_change',
  'permission',
  'status',
  'usage',
  'error',
] as const;
export const journalEventTypeSchema = z.enum(JOURNAL_EVENT_TYPES);
export type JournalEventType = z.infer<typeof journalEventTypeSchema>;

export const codeStateSchema = z.enum(['working', 'broken', 'coordinating', 'completed']);
export type CodeState = z.infer<typeof codeStateSchema>;

const text = z.string().refine((value) => !value.includes('\0'), 'must not contain NUL characters');
const entityId = text.pipe(z.string().min(1).max(500));

/** SES-008. */
export const changeInfoSchema = z.strictObject({
  elementType: z.enum(['function', 'cluster', 'spec', 'benchmark', 'session']),
  entityIds: z.array(entityId).max(1000),
  operation: z.enum(['added', 'modified', 'deleted', 'renamed', 'init']),
  affectedLines: z.int().nonnegative().optional(),
  semanticHash: text.optional(),
});

/** SES-009. On input `from` may be left out; what is stored is the real state before (SES-065). */
export const stateTransitionSchema = z.strictObject({
  from: codeStateSchema.optional(),
  to: codeStateSchema,
  verifiedBy: z.enum(['test', 'build', 'manual', 'agent']),
  confidence: z.number().min(0).max(1),
  /** Needed to leave `completed` (SES-065). */
  reopen: z.boolean().optional(),
});

/** SES-010. */
export const impactSchema = z.strictObject({
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  testsFailed: z.array(text).optional(),
  perfDelta: z.number().optional(),
  externalRef: text.optional(),
});

/** One numbered entry of a session's journal (SES-011). */
export const journalEventSchema = z.object({
  sessionId: z.string(),
  /** 1-based, gap-free per session. */
  seq: z.int().min(1),
  /** Given by the writer; a repeated append with it is recognised and answered with the first one's seq. */
  eventId: z.string(),
  type: journalEventTypeSchema,
  actor: z.string(),
  attempt: z.int().min(1),
  changeInfo: changeInfoSchema.nullable(),
  stateTransition: stateTransitionSchema.nullable(),
  impact: impactSchema.nullable(),
  /** By type; what runtimes report keeps the fields of their event. Null when it stands apart (over 64 KB). */
  payload: z.json().nullable(),
  /** Hex SHA-256 under which a payload over 64 KB can be fetched; null otherwise. */
  payloadDigest: z.string().nullable(),
  payloadBytes: z.int(),
  /** When it happened, by the writer's clock. */
  occurredAt: z.iso.datetime(),
  /** When it was recorded, by the database's. */
  recordedAt: z.iso.datetime(),
});
export type JournalEvent = z.infer<typeof journalEventSchema>;

/** What a writer gives for one event. */
export const appendEventSchema = z.strictObject({
  eventId: uuidSchema.optional(),
  type: journalEventTypeSchema,
  actor: text.pipe(z.string().min(1).max(100)),
  changeInfo: changeInfoSchema.nullable().default(null),
  stateTransition: stateTransitionSchema.nullable().default(null),
  impact: impactSchema.nullable().default(null),
  payload: z.json().nullable().default(null),
  occurredAt: z.iso.datetime().optional(),
});
export type AppendEvent = z.input<typeof appendEventSchema>;
