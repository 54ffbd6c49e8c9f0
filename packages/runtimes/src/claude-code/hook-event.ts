import { z } from 'zod';

const text = z.string();
const jsonObject = z.record(z.string(), z.json());
const shared = {
  session_id: text.min(1).max(200),
  cwd: text.min(1),
  transcript_path: text.optional(),
  permission_mode: text.optional(),
  /** Set where a subagent does it. */
  agent_id: text.optional(),
  agent_type: text.optional(),
};
const call = { tool_name: text.min(1), tool_input: jsonObject, tool_use_id: text.min(1) };

/**
 * What Claude Code gives its hooks on standard input (2.1). Fields that are not read are let through: they become detail of
 * the journal, and new ones come with each release.
 */
export const claudeCodeHookSchema = z.discriminatedUnion('hook_event_name', [
  z.looseObject({ ...shared, hook_event_name: z.literal('SessionStart'), source: text, model: text.optional() }),
  z.looseObject({ ...shared, hook_event_name: z.literal('UserPromptSubmit'), prompt: text }),
  z.looseObject({ ...shared, hook_event_name: z.literal('PreToolUse'), ...call }),
  z.looseObject({
    ...shared,
    hook_event_name: z.literal('PostToolUse'),
    ...call,
    tool_response: z.json(),
    duration_ms: z.number().nonnegative().optional(),
  }),
  z.looseObject({
    ...shared,
    hook_event_name: z.literal('PostToolUseFailure'),
    ...call,
    error: text,
    is_interrupt: z.boolean().optional(),
    duration_ms: z.number().nonnegative().optional(),
  }),
  z.looseObject({ ...shared, hook_event_name: z.literal('PermissionDenied'), ...call, reason: text }),
  z.looseObject({ ...shared, hook_event_name: z.literal('Stop'), last_assistant_message: text.optional() }),
  z.looseObject({
    ...shared,
    hook_event_name: z.literal('StopFailure'),
    error: z.json(),
    last_assistant_message: text.optional(),
  }),
  z.looseObject({ ...shared, hook_event_name: z.literal('SessionEnd'), reason: text }),
]);
export type ClaudeCodeHook = z.infer<typeof claudeCodeHookSchema>;

/** What every event has, also those of releases to come. */
export const anyHookSchema = z.looseObject({ ...shared, hook_event_name: text.min(1).max(100) });
