import type { RunSpec } from '@signalbox/core';

/** The system takes 128 KiB for one variable; a longer prompt is on standard input only. */
const MAX_PROMPT_BYTES = 96 * 1024;

/**
 * The environment of a command, over what it inherits:
 *
 * | name | value |
 * |---|---|
 * | `SIGNALBOX_PROJECT_ID`, `SIGNALBOX_SESSION_ID` | whose run it is |
 * | `SIGNALBOX_ATTEMPT` | 1 for the first run of the session (ORC-202) |
 * | `SIGNALBOX_RUN_ID` | unique to this run; set by the guard |
 * | `SIGNALBOX_WORKSPACE` | the directory it works in, which is its current directory too |
 * | `SIGNALBOX_PROMPT` | what is asked for; not set where it is longer than 96 KiB or holds a NUL |
 *
 * The prompt is on standard input as well, always whole. `spec.environment` is added last but cannot change these names.
 */
export function commandEnvironment(spec: RunSpec, inherited: Readonly<Record<string, string>>): Record<string, string> {
  const fitting = Buffer.byteLength(spec.prompt) <= MAX_PROMPT_BYTES && !spec.prompt.includes('\0');
  return {
    ...inherited,
    ...spec.environment,
    SIGNALBOX_PROJECT_ID: spec.projectId,
    SIGNALBOX_SESSION_ID: spec.sessionId,
    SIGNALBOX_ATTEMPT: String(spec.attempt),
    SIGNALBOX_WORKSPACE: spec.workspacePath,
    ...(fitting ? { SIGNALBOX_PROMPT: spec.prompt } : {}),
  };
}
