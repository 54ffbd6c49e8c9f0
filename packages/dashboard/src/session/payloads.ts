import type { JournalEvent } from '@signalbox/client';
import { z } from 'zod';

/**
 * Payloads of journal events as runtimes report them. Anybody may append to a journal, so each is looked at before it is
 * believed; what does not fit is shown as the JSON it is.
 */
const object = z.record(z.string(), z.unknown());

const schemas = {
  output: z.object({ stream: z.enum(['stdout', 'stderr']).catch('stdout'), text: z.string() }),
  message: z.object({ role: z.string(), messageId: z.string(), text: z.string(), final: z.boolean().catch(true) }),
  tool_call: z.object({ callId: z.string(), tool: z.string(), arguments: object.catch({}) }),
  tool_result: z.object({
    callId: z.string(),
    tool: z.string().catch(''),
    status: z.enum(['completed', 'error', 'denied', 'unknown']).catch('completed'),
    output: z.string().catch(''),
    title: z.string().nullable().catch(null),
    durationMs: z.number().nullable().catch(null),
  }),
  file_change: z.object({
    path: z.string(),
    operation: z.enum(['added', 'modified', 'deleted', 'renamed', 'mode']).catch('modified'),
    oldPath: z.string().nullish(),
    diff: z.string().nullable().catch(null),
    binary: z.boolean().catch(false),
    additions: z.number().catch(0),
    deletions: z.number().catch(0),
    callId: z.string().nullish(),
  }),
  permission: z.object({
    kind: z.string(),
    title: z.string().catch(''),
    patterns: z.array(z.string()).catch([]),
    decision: z.string(),
    decidedBy: z.string().catch(''),
  }),
  usage: z.object({
    model: z.string().nullable().catch(null),
    inputTokens: z.number().catch(0),
    outputTokens: z.number().catch(0),
    costUsd: z.number().nullable().catch(null),
  }),
  error: z.object({ name: z.string().catch('Error'), message: z.string() }),
  status: z.object({
    from: z.string().optional(),
    to: z.string().optional(),
    reason: z.string().nullish(),
    phase: z.string().optional(),
    detail: object.nullish(),
  }),
} as const;

export type PayloadType = keyof typeof schemas;
export type Payload<Type extends PayloadType> = z.infer<(typeof schemas)[Type]>;

/** Events do not change, and the timeline is made anew with each one that comes. */
const read = new WeakMap<JournalEvent, unknown>();

/** The event's payload as the type says, or null where it is not of that type or does not fit. */
export function payloadOf<Type extends PayloadType>(event: JournalEvent, type: Type): Payload<Type> | null {
  if (event.type !== type) return null;
  if (!read.has(event)) {
    const parsed = schemas[type].safeParse(event.payload);
    read.set(event, parsed.success ? parsed.data : null);
  }
  return read.get(event) as Payload<Type> | null;
}
