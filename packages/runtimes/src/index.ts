import type { Clock, Ids, Runtime } from '@signalbox/core';
import { createCommandRuntime } from './command/index.ts';

export { type CommandRuntimeOptions, createCommandRuntime } from './command/index.ts';
export {
  createOpencodeRuntime,
  type OpencodeAgentConfig,
  type OpencodeRuntimeOptions,
  opencodeAgentConfigSchema,
} from './opencode/index.ts';
export { describeLimits, type LimitMechanism } from './process/index.ts';

export interface RuntimesConfig {
  clock: Clock;
  ids: Ids;
}

/** Every runtime this package has, whether or not it can run on this machine; each one's `check` says. */
export function createRuntimes(config: RuntimesConfig): Runtime[] {
  return [createCommandRuntime(config)];
}
