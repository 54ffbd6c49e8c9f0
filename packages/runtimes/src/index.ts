import type { Clock, Ids, Runtime } from '@signalbox/core';
import { type ClaudeCodeRuntimeOptions, createClaudeCodeRuntime } from './claude-code/index.ts';
import { createCommandRuntime } from './command/index.ts';
import { createOpencodeRuntime, type OpencodeRuntimeOptions } from './opencode/index.ts';

export {
  type ClaudeCodeRuntimeOptions,
  createClaudeCodeRuntime,
  readClaudeCodeHook,
} from './claude-code/index.ts';
export { type CommandRuntimeOptions, createCommandRuntime } from './command/index.ts';
export type { HookReport } from './hook-report.ts';
export {
  createOpencodeRuntime,
  type OpencodeAgentConfig,
  type OpencodeRuntimeOptions,
  opencodeAgentConfigSchema,
  readOpencodeHook,
} from './opencode/index.ts';
export { describeLimits, type LimitMechanism } from './process/index.ts';

export interface RuntimesConfig {
  clock: Clock;
  ids: Ids;
  /** Where OpenCode keeps its sessions, and what holds for each of its runs. Without it that runtime is not offered. */
  opencode?: Omit<OpencodeRuntimeOptions, 'clock' | 'ids'>;
  /** The same of Claude Code. */
  claudeCode?: Omit<ClaudeCodeRuntimeOptions, 'clock' | 'ids'>;
}

/** Every runtime this package has, whether or not it can run on this machine; each one's `check` says. */
export function createRuntimes(config: RuntimesConfig): Runtime[] {
  const { clock, ids, opencode, claudeCode } = config;
  return [
    createCommandRuntime({ clock, ids }),
    ...(opencode ? [createOpencodeRuntime({ clock, ids, ...opencode })] : []),
    ...(claudeCode ? [createClaudeCodeRuntime({ clock, ids, ...claudeCode })] : []),
  ];
}
