import type { RunSpec } from '@signalbox/core';
import { z } from 'zod';

/** What a session's `agentConfig` may say to this runtime; whatever else it holds is kept by the session and not passed on. */
export const claudeCodeAgentConfigSchema = z.looseObject({
  /** The agent that takes the prompt, as the project or the user defines it. */
  agent: z.string().min(1).optional(),
  /** Added to the system prompt. */
  system: z.string().min(1).optional(),
  /** Most turns of the model. */
  maxTurns: z.int().positive().optional(),
  /** Tools to withhold, by name. */
  disallowedTools: z.array(z.string().min(1)).optional(),
});
export type ClaudeCodeAgentConfig = z.infer<typeof claudeCodeAgentConfigSchema>;

/** Keeps the program from calling out for anything but its model. */
export const OFFLINE_ENVIRONMENT: Readonly<Record<string, string>> = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
};

export const HOOK_PATH = '/hook';
/** A call may wait for people as long as its process may, in seconds; the runner ends that before. */
const HOOK_SECONDS = 24 * 3600;
const HOOKED = ['PreToolUse', 'PostToolUse', 'PostToolUseFailure'];

/**
 * Settings of one run: each tool call asks us before and tells us after. Where we cannot be asked it is refused: control that
 * is gone must not look like consent.
 */
export function runSettings(url: string, token: string): Record<string, unknown> {
  const hook = {
    type: 'http',
    url: `${url}${HOOK_PATH}`,
    headers: { authorization: `Bearer ${token}` },
    timeout: HOOK_SECONDS,
    onFailure: 'block',
  };
  return {
    hooks: Object.fromEntries(HOOKED.map((event) => [event, [{ hooks: [hook] }]])),
    // Commits are the agent's own; whose they are, the journal says.
    includeCoAuthoredBy: false,
  };
}

/** The command line of one run; the prompt comes on standard input. */
export function runArguments(spec: RunSpec, settings: ClaudeCodeAgentConfig, settingsFile: string): string[] {
  const { resumeFrom } = spec;
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  return [
    '-p',
    ...['--output-format', 'stream-json', '--verbose'],
    ...['--settings', settingsFile],
    ...(resumeFrom ? ['--resume', resumeFrom.runtimeSessionId] : []),
    // Behind a message it goes on in a session of its own: the old one stays as it is.
    ...(resumeFrom?.messageId ? ['--resume-session-at', resumeFrom.messageId, '--fork-session'] : []),
    ...option('--model', spec.model === null ? undefined : spec.model.slice(spec.model.indexOf('/') + 1)),
    ...option('--agent', settings.agent),
    ...option('--append-system-prompt', settings.system),
    ...option('--max-turns', settings.maxTurns?.toString()),
    ...(settings.disallowedTools?.length ? ['--disallowedTools', settings.disallowedTools.join(',')] : []),
  ];
}
