import { type AdoptedEvent, inputError } from '@signalbox/core';
import type { HookReport } from '../hook-report.ts';
import { anyHookSchema, type ClaudeCodeHook, claudeCodeHookSchema } from './hook-event.ts';

type Detail = Extract<AdoptedEvent, { type: 'noted' }>['detail'];

/** Characters of a result that are journaled; the program keeps the whole one. */
const LONGEST_OUTPUT = 200_000;
/** What says whose an event is, and not what it is. */
const ENVELOPE = new Set(['session_id', 'cwd', 'transcript_path', 'hook_event_name']);

/**
 * What an event of Claude Code's hooks means. Events that this version does not know are noted as they are; only what holds
 * up a tool call must be understood. @throws VALIDATION_FAILED
 */
export function readClaudeCodeHook(given: unknown): HookReport {
  const any = anyHookSchema.safeParse(given);
  if (!any.success) throw inputError(any.error);
  const { session_id: conversation, cwd: directory, hook_event_name: name } = any.data;
  const known = claudeCodeHookSchema.safeParse(given);
  if (known.success) return { conversation, directory, event: eventOf(known.data) };
  if (name === 'PreToolUse') throw inputError(known.error);
  return { conversation, directory, event: { type: 'noted', phase: phaseOf(name), detail: detailOf(any.data) } };
}

function eventOf(hook: ClaudeCodeHook): AdoptedEvent {
  switch (hook.hook_event_name) {
    case 'SessionStart':
      return { type: 'opened', model: hook.model ?? null, detail: { source: hook.source } };
    case 'UserPromptSubmit':
      return { type: 'prompt', text: hook.prompt };
    case 'PreToolUse': {
      const { tool_use_id: callId, tool_name: tool, tool_input: given } = hook;
      return { type: 'tool_before', callId, tool, arguments: given };
    }
    case 'PostToolUse':
      return resultOf(hook, 'completed', outputOf(hook.tool_response), hook.duration_ms ?? null);
    case 'PostToolUseFailure':
      return resultOf(hook, 'error', hook.error, hook.duration_ms ?? null);
    case 'PermissionDenied':
      return resultOf(hook, 'denied', hook.reason, null);
    case 'Stop':
      return { type: 'turn_ended', message: hook.last_assistant_message ?? null, failure: null };
    case 'StopFailure': {
      const failure = typeof hook.error === 'string' ? hook.error : JSON.stringify(hook.error);
      return { type: 'turn_ended', message: hook.last_assistant_message ?? null, failure };
    }
    case 'SessionEnd':
      return { type: 'closed', reason: hook.reason };
  }
}

type Finished = Extract<ClaudeCodeHook, { hook_event_name: 'PostToolUse' | 'PostToolUseFailure' | 'PermissionDenied' }>;

function resultOf(
  hook: Finished,
  status: 'completed' | 'error' | 'denied',
  output: string,
  durationMs: number | null,
): AdoptedEvent {
  const { tool_use_id: callId, tool_name: tool, tool_input: given, agent_id: agent, agent_type: kind } = hook;
  const metadata: Detail = { ...(agent !== undefined && { agent }), ...(kind !== undefined && { agentType: kind }) };
  const background = given.run_in_background === true;
  const shown = output.length > LONGEST_OUTPUT ? `${output.slice(0, LONGEST_OUTPUT)}…`.toWellFormed() : output;
  return {
    type: 'tool_after',
    callId,
    tool,
    arguments: given,
    status,
    output: shown,
    durationMs,
    background,
    metadata,
  };
}

/** What a person would have seen of a result, where it says that; else all of it. */
function outputOf(response: unknown): string {
  if (typeof response === 'string') return response;
  if (typeof response === 'object' && response !== null && 'stdout' in response && 'stderr' in response) {
    const shown = [response.stdout, response.stderr].filter((part) => typeof part === 'string' && part !== '');
    return shown.join('\n');
  }
  return JSON.stringify(response ?? null);
}

/** `SubagentStop` → `claude_code.subagent_stop`. */
function phaseOf(name: string): string {
  return `claude_code.${name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase()}`;
}

function detailOf(fields: Readonly<Record<string, unknown>>): Detail {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !ENVELOPE.has(name))) as Detail;
}
