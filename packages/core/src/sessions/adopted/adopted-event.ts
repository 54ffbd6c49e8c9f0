import { z } from 'zod';
import { uuidSchema } from '../../platform/ids/ids.ts';
import { usageEventSchema } from '../runtime.ts';
import { textSchema } from '../session.ts';

/** Agents whose sessions can be adopted: by what their hooks tell. */
export const adoptedSourceSchema = z.enum(['claude-code', 'opencode']);
export type AdoptedSource = z.infer<typeof adoptedSourceSchema>;

const jsonObject = z.record(z.string(), z.json());
const callId = textSchema.pipe(z.string().min(1).max(200));
const tool = textSchema.pipe(z.string().min(1).max(200));

/** What an agent's hook tells, in words of no agent in particular. */
export const adoptedEventSchema = z.discriminatedUnion('type', [
  /** The agent has started, or goes on with an old conversation. */
  z.object({ type: z.literal('opened'), model: z.string().nullable(), detail: jsonObject }),
  /** The person asked for something: work begins. */
  z.object({ type: z.literal('prompt'), text: z.string() }),
  /** A tool is about to run, and waits for the answer. */
  z.object({ type: z.literal('tool_before'), callId, tool, arguments: jsonObject }),
  z.object({
    type: z.literal('tool_after'),
    callId,
    tool,
    arguments: jsonObject,
    status: z.enum(['completed', 'error', 'denied']),
    output: z.string(),
    durationMs: z.number().nonnegative().nullable(),
    /** Whether it goes on in the background: then it may write until the turn is over. */
    background: z.boolean(),
    metadata: jsonObject,
  }),
  usageEventSchema,
  /** The agent has answered: the turn is over. */
  z.object({
    type: z.literal('turn_ended'),
    message: z.string().nullable(),
    /** What it broke off with; null where it came to its end. */
    failure: z.string().nullable(),
  }),
  /** The agent ends. */
  z.object({ type: z.literal('closed'), reason: z.string() }),
  /** Anything else: it is journaled. */
  z.object({ type: z.literal('noted'), phase: z.string().min(1), detail: jsonObject }),
]);
export type AdoptedEvent = z.infer<typeof adoptedEventSchema>;

/** One event as it is reported. */
export interface AdoptedReport {
  source: AdoptedSource;
  /** Chosen by whoever reports: the same event again takes no effect again. */
  eventId: string;
  /** How the agent names its session. */
  conversation: string;
  /** Absolute path of the directory in which the agent works. */
  directory: string;
  /** When it happened; null: now. */
  at: string | null;
  /** Told afterwards, since nobody could be asked at the time: nothing is decided any more. */
  late: boolean;
  /** How long people are waited for, in seconds, and whether there is no more waiting after that. */
  waitSeconds: number;
  final: boolean;
  event: AdoptedEvent;
}

export const adoptedAnswerSchema = z.object({
  /** The session that the event went to; null where it belongs to none. */
  sessionId: z.string().nullable(),
  /**
   * `none`: nothing stands against it, and the agent asks its own person as it always does. `allow`: people have approved it.
   * `held`: nobody has answered yet; ask again with the same event.
   */
  decision: z.enum(['none', 'allow', 'deny', 'held']),
  reason: z.string().nullable(),
  /** What takes the place of the call's arguments; null where they stay. */
  arguments: jsonObject.nullable(),
  approvalId: uuidSchema.nullable(),
  /** What the policies want of calls while nobody can be asked: to be kept by whoever reports. */
  unreachable: z.enum(['allow', 'deny']),
});
export type AdoptedAnswer = z.infer<typeof adoptedAnswerSchema>;
