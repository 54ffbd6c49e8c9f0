import { z } from 'zod';

/**
 * The events of OpenCode's server that matter here, with the fields that are read. Anything else it sends (there are some
 * ninety kinds) is let pass; an event of these kinds that lacks its fields is an error, not a gap in the record.
 */
const tokens = z.object({
  input: z.number(),
  output: z.number(),
  reasoning: z.number(),
  cache: z.object({ read: z.number(), write: z.number() }),
});

const failure = z.looseObject({
  name: z.string(),
  data: z.looseObject({ message: z.string().optional(), isRetryable: z.boolean().optional() }).optional(),
});
export type OpencodeFailure = z.infer<typeof failure>;

const message = z.discriminatedUnion('role', [
  z.looseObject({ id: z.string(), sessionID: z.string(), role: z.literal('user') }),
  z.looseObject({
    id: z.string(),
    sessionID: z.string(),
    role: z.literal('assistant'),
    time: z.looseObject({ completed: z.number().optional() }),
    error: failure.optional(),
    providerID: z.string(),
    modelID: z.string(),
    cost: z.number(),
    tokens,
  }),
]);
export type OpencodeMessage = z.infer<typeof message>;

const partIdentity = { id: z.string(), sessionID: z.string(), messageID: z.string() };
const jsonObject = z.record(z.string(), z.unknown());
const span = z.looseObject({ start: z.number(), end: z.number().optional() });

const toolState = z.discriminatedUnion('status', [
  z.looseObject({ status: z.literal('pending') }),
  z.looseObject({ status: z.literal('running'), input: jsonObject }),
  z.looseObject({
    status: z.literal('completed'),
    input: jsonObject,
    output: z.string(),
    title: z.string().optional(),
    metadata: jsonObject.optional(),
    time: span,
  }),
  z.looseObject({
    status: z.literal('error'),
    input: jsonObject,
    error: z.string(),
    metadata: jsonObject.optional(),
    time: span,
  }),
]);

const textPart = z.looseObject({
  ...partIdentity,
  type: z.enum(['text', 'reasoning']),
  text: z.string(),
  synthetic: z.boolean().optional(),
  ignored: z.boolean().optional(),
  time: span.optional(),
});
export type OpencodeTextPart = z.infer<typeof textPart>;

const toolPart = z.looseObject({
  ...partIdentity,
  type: z.literal('tool'),
  callID: z.string(),
  tool: z.string(),
  state: toolState,
});
export type OpencodeToolPart = z.infer<typeof toolPart>;

const otherPart = z.looseObject({ ...partIdentity, type: z.string() });
const part = z.union([
  textPart,
  toolPart,
  otherPart.refine(({ type }) => !['text', 'reasoning', 'tool'].includes(type)),
]);

const permissionRequest = z.looseObject({
  id: z.string(),
  sessionID: z.string(),
  permission: z.string(),
  patterns: z.array(z.string()),
  metadata: jsonObject,
  tool: z.looseObject({ messageID: z.string(), callID: z.string() }).optional(),
});
export type OpencodePermissionRequest = z.infer<typeof permissionRequest>;

const sessionStatus = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('idle') }),
  z.looseObject({ type: z.literal('busy') }),
  z.looseObject({ type: z.literal('retry'), attempt: z.number(), message: z.string(), next: z.number() }),
]);

const inSession = { sessionID: z.string() };
const kind = <T extends string, P extends z.ZodType>(type: T, properties: P) =>
  z.looseObject({ type: z.literal(type), properties });

const known = z.discriminatedUnion('type', [
  kind('server.connected', z.unknown()),
  kind('session.created', z.looseObject({ info: z.looseObject({ id: z.string(), parentID: z.string().optional() }) })),
  kind('session.status', z.looseObject({ ...inSession, status: sessionStatus })),
  kind('session.idle', z.looseObject(inSession)),
  kind('session.compacted', z.looseObject(inSession)),
  kind('session.error', z.looseObject({ sessionID: z.string().optional(), error: failure.optional() })),
  kind('message.updated', z.looseObject({ info: message })),
  kind('message.part.updated', z.looseObject({ part })),
  kind(
    'message.part.delta',
    z.looseObject({ ...inSession, messageID: z.string(), partID: z.string(), field: z.string(), delta: z.string() }),
  ),
  kind('permission.asked', permissionRequest),
  kind('permission.replied', z.looseObject({ ...inSession, requestID: z.string(), reply: z.string() })),
  kind('question.asked', z.looseObject({ ...inSession, id: z.string() })),
  kind('todo.updated', z.looseObject({ ...inSession, todos: z.array(jsonObject) })),
]);
export type OpencodeEvent = z.infer<typeof known>;

const KNOWN_TYPES: ReadonlySet<string> = new Set(known.options.map((option) => option.shape.type.value));
const envelope = z.looseObject({ type: z.string() });

/** The event, or null for a kind that is not ours to read. Throws a `ZodError` for one of our kinds in another shape. */
export function readOpencodeEvent(data: unknown): OpencodeEvent | null {
  const { type } = envelope.parse(data);
  return KNOWN_TYPES.has(type) ? known.parse(data) : null;
}
